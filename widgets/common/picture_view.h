// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// PictureView: a picture that fits its place until somebody zooms: wheel about the mouse, drag, double click for fit or full
// size. What it holds may be smaller than the picture that it stands for; the zoom speaks of the latter, and where it asks for
// more than is held, strips of the full picture are drawn over it as they come.
// Thread: UI. Cost: one blit of a cached scaled copy; a zoom step scales what is visible.

#include <QImage>
#include <QPixmap>
#include <QPointer>
#include <QWidget>

namespace orrery::widgets {

class PictureStrips;

class PictureView final : public QWidget {
    Q_OBJECT
public:
    using QWidget::QWidget;
    // Full-size rows for where the held picture is too coarse; null: there are none. Not owned.
    void setStrips(PictureStrips* strips);
    // full: size of the picture that `image` stands for. The zoom stays when the size does.
    void setPicture(const QImage& image, QSize full);
    const QImage& picture() const { return m_image; }
    QSize fullSize() const { return m_full; }
    bool fits() const { return m_fits; }
    double zoom() const;           // device-independent pixels for a pixel of the full picture
    void setZoom(double zoom);     // about the middle; clamped
    QRectF pictureRect() const;    // where the picture lies now
    QSize sizeHint() const override { return {376, 376}; }
    QSize minimumSizeHint() const override { return {48, 48}; }

public Q_SLOTS:
    void fit();
    void zoomIn() { setZoom(zoom() * 1.25); }
    void zoomOut() { setZoom(zoom() / 1.25); }

Q_SIGNALS:
    void zoomChanged();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    double fitZoom() const;
    void paintStrips(QPainter& painter, const QRectF& place);
    void zoomAbout(QPointF place, double zoom);
    void clampCentre();

    QImage m_image;
    QSize m_full;
    bool m_fits = true;
    double m_zoom = 1;
    QPointF m_centre;              // of the view, in pixels of the full picture
    QPointF m_grab;
    QPointer<PictureStrips> m_strips;
    QPixmap m_scaled;              // of the whole picture, while it is not larger than the place
};

} // namespace orrery::widgets
