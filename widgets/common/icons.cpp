// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/icons.h"

#include "widgets/common/color_math.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

namespace orrery::widgets {

namespace {

QString pathOf(const QString& name) { return QStringLiteral(":/icons/%1.svg").arg(name); }

// Asks the theme while it paints, so that icons held by actions and models follow a switch of theme by themselves.
class ThemedIcon final : public QIconEngine {
public:
    ThemedIcon(QString name, Token normal) : m_name(std::move(name)), m_normal(normal) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State state) override
    {
        const qreal ratio = painter->device() ? painter->device()->devicePixelRatioF() : 1;
        const int side = std::min(rect.width(), rect.height());
        const QPoint at = rect.topLeft() + QPoint((rect.width() - side) / 2, (rect.height() - side) / 2);
        painter->drawPixmap(at, iconPixmap(m_name, side, colorFor(mode, state), ratio));
    }

    // Of `size` device pixels.
    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State state, qreal scale) override
    {
        const int pixels = std::min(size.width(), size.height());
        return iconPixmap(m_name, qRound(pixels / scale), colorFor(mode, state), scale);
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override { return scaledPixmap(size, mode, state, 1); }
    QSize actualSize(const QSize& size, QIcon::Mode, QIcon::State) override
    {
        const int side = std::min(size.width(), size.height());
        return {side, side};
    }
    QString key() const override { return QStringLiteral("orrery-themed"); }
    QString iconName() override { return m_name; }
    bool isNull() override { return !hasIcon(m_name); }
    QIconEngine* clone() const override { return new ThemedIcon(*this); }

private:
    QColor colorFor(QIcon::Mode mode, QIcon::State state) const
    {
        if (mode == QIcon::Disabled) return faded(color(m_normal), kDisabledOpacity);
        if (state == QIcon::On) return color(Token::Accent);
        return color(mode == QIcon::Active && m_normal == Token::Muted ? Token::Text : m_normal);
    }
    QString m_name;
    Token m_normal;
};

} // namespace

bool hasIcon(const QString& name) { return QFile::exists(pathOf(name)); }

QIcon icon(const QString& name, Token normal) { return QIcon(new ThemedIcon(name, normal)); }

QPixmap iconPixmap(const QString& name, int size, const QColor& color, qreal ratio)
{
    const int pixels = std::max(1, qRound(size * ratio));
    const QString key = QStringLiteral("orrery-icon:%1:%2:%3").arg(name).arg(color.rgba(), 0, 16).arg(pixels);
    QPixmap pixmap;
    if (!QPixmapCache::find(key, &pixmap)) {
        pixmap = QPixmap(pixels, pixels);
        pixmap.fill(Qt::transparent);
        if (QFile file(pathOf(name)); file.open(QIODevice::ReadOnly)) {
            QSvgRenderer svg(file.readAll().replace("currentColor", color.name().toLatin1()));
            QPainter painter(&pixmap);
            painter.setOpacity(color.alphaF());
            svg.render(&painter, QRectF(0, 0, pixels, pixels));
        }
        QPixmapCache::insert(key, pixmap);
    }
    pixmap.setDevicePixelRatio(ratio);
    return pixmap;
}

} // namespace orrery::widgets
