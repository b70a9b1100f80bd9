// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/picture_view.h"

#include "widgets/common/picture_strips.h"
#include "widgets/common/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

namespace orrery::widgets {

namespace {
constexpr double kZoomMax = 32; // screen pixels for one of the picture
} // namespace

void PictureView::setPicture(const QImage& image, QSize full)
{
    const bool otherSize = full != m_full;
    m_image = image;
    m_full = full;
    m_scaled = {};
    if (otherSize) fit();
    update();
}

void PictureView::setStrips(PictureStrips* strips)
{
    if (m_strips != nullptr) disconnect(m_strips, nullptr, this, nullptr);
    m_strips = strips;
    if (strips != nullptr) connect(strips, &PictureStrips::arrived, this, qOverload<>(&QWidget::update));
    update();
}

double PictureView::fitZoom() const
{
    if (m_full.isEmpty()) return 1;
    const double zoom = std::min(static_cast<double>(width()) / m_full.width(), static_cast<double>(height()) / m_full.height());
    // A small picture is enlarged by whole numbers, so that its pixels stay equal.
    return zoom >= 2 ? std::floor(zoom) : zoom;
}

double PictureView::zoom() const { return m_fits ? fitZoom() : m_zoom; }

void PictureView::fit()
{
    m_fits = true;
    m_centre = QPointF(m_full.width() / 2.0, m_full.height() / 2.0);
    m_scaled = {};
    unsetCursor();
    update();
    Q_EMIT zoomChanged();
}

void PictureView::setZoom(double zoom) { zoomAbout(QPointF(width() / 2.0, height() / 2.0), zoom); }

void PictureView::zoomAbout(QPointF place, double zoom)
{
    if (m_image.isNull()) return;
    const double before = this->zoom();
    const double held = static_cast<double>(m_image.width()) / std::max(1, m_full.width());
    const double most = m_strips != nullptr ? kZoomMax : kZoomMax * held;
    const double now = std::clamp(zoom, std::min(fitZoom(), 1.0), std::max(most, 1.0));
    if (now <= fitZoom() && fitZoom() < 1) {
        fit();
        return;
    }
    const QPointF middle(width() / 2.0, height() / 2.0);
    const QPointF under = m_centre + (place - middle) / before;
    m_fits = false;
    m_zoom = now;
    m_centre = under - (place - middle) / now;
    clampCentre();
    m_scaled = {};
    setCursor(Qt::OpenHandCursor);
    update();
    Q_EMIT zoomChanged();
}

void PictureView::clampCentre()
{
    const auto clamp = [this](double centre, int size, int place) {
        const double half = place / 2.0 / zoom();
        return half * 2 >= size ? size / 2.0 : std::clamp(centre, half, size - half);
    };
    m_centre = {clamp(m_centre.x(), m_full.width(), width()), clamp(m_centre.y(), m_full.height(), height())};
}

QRectF PictureView::pictureRect() const
{
    const double z = zoom();
    const QSizeF size(m_full.width() * z, m_full.height() * z);
    const QPointF at(width() / 2.0 - m_centre.x() * z, height() / 2.0 - m_centre.y() * z);
    return {QPointF(std::round(at.x()), std::round(at.y())), size};
}

void PictureView::paintEvent(QPaintEvent*)
{
    if (m_image.isNull()) return;
    QPainter painter(this);
    const QRectF place = pictureRect();
    const bool smaller = place.width() < m_image.width() * 2;
    if (smaller && place.width() <= width() + 1 && place.height() <= height() + 1) {
        const QSize pixels = (place.size() * devicePixelRatioF()).toSize().expandedTo({1, 1});
        if (m_scaled.size() != pixels) {
            m_scaled = QPixmap::fromImage(m_image.scaled(pixels, Qt::IgnoreAspectRatio, Qt::SmoothTransformation));
            m_scaled.setDevicePixelRatio(devicePixelRatioF());
        }
        painter.drawPixmap(place.topLeft(), m_scaled);
        return;
    }
    painter.setRenderHint(QPainter::SmoothPixmapTransform, smaller || m_image.width() < m_full.width());
    const QRectF visible = place.intersected(rect());
    const double sx = m_image.width() / place.width(), sy = m_image.height() / place.height();
    painter.drawImage(visible, m_image, QRectF((visible.x() - place.x()) * sx, (visible.y() - place.y()) * sy, visible.width() * sx, visible.height() * sy));
    const bool coarse = place.width() * devicePixelRatioF() > m_image.width() * 1.05 && m_image.width() < m_full.width();
    if (coarse && m_strips != nullptr) paintStrips(painter, place);
}

void PictureView::paintStrips(QPainter& painter, const QRectF& place)
{
    const double z = zoom();
    const QRectF visible = place.intersected(rect());
    const int first = std::max(0, static_cast<int>((visible.top() - place.top()) / z));
    const int last = std::min(m_full.height() - 1, static_cast<int>((visible.bottom() - place.top()) / z));
    m_strips->look(first, last);
    const int rows = m_strips->rowsPerStrip();
    painter.setRenderHint(QPainter::SmoothPixmapTransform, z * devicePixelRatioF() < 2); // above, pixels are squares
    for (int top = rows == 0 ? last + 1 : first / rows * rows; top <= last; top += rows) {
        const QImage strip = m_strips->strip(top);
        if (strip.isNull()) continue;
        const QRectF target = QRectF(place.left(), place.top() + top * z, place.width(), strip.height() * z).intersected(visible);
        painter.drawImage(target, strip, QRectF((target.x() - place.x()) / z, (target.y() - place.y()) / z - top, target.width() / z, target.height() / z));
    }
}

void PictureView::resizeEvent(QResizeEvent*)
{
    clampCentre();
    if (m_fits) Q_EMIT zoomChanged();
}

void PictureView::wheelEvent(QWheelEvent* event)
{
    if (m_image.isNull()) return;
    zoomAbout(event->position(), zoom() * std::pow(1.25, event->angleDelta().y() / 120.0));
    event->accept();
}

void PictureView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || m_fits) return;
    m_grab = event->position();
    setCursor(Qt::ClosedHandCursor);
}

void PictureView::mouseMoveEvent(QMouseEvent* event)
{
    if (!(event->buttons() & Qt::LeftButton) || m_fits) return;
    m_centre -= (event->position() - m_grab) / zoom();
    m_grab = event->position();
    clampCentre();
    update();
}

void PictureView::mouseReleaseEvent(QMouseEvent*)
{
    if (!m_fits) setCursor(Qt::OpenHandCursor);
}

void PictureView::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (m_fits) zoomAbout(event->position(), 1);
    else fit();
}

void PictureView::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoomIn(); break;
    case Qt::Key_Minus: zoomOut(); break;
    case Qt::Key_0:
    case Qt::Key_F: fit(); break;
    default: QWidget::keyPressEvent(event);
    }
}

} // namespace orrery::widgets
