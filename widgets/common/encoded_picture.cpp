// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/encoded_picture.h"

#include "engine/types/value.h"
#include "widgets/common/format.h"

#include <QBuffer>
#include <QCoreApplication>
#include <QImageReader>
#include <QPointer>
#include <QThreadPool>
#include <QtEndian>
#include <cstring>

namespace orrery::widgets {

namespace {

constexpr std::uint64_t kHeadBytes = 4096; // the value's header and the begin of the file
constexpr std::uint64_t kPngHead = 24;     // signature, and of the first chunk length, name, width, height

struct Decoded {
    QImage small, whole;
    QString problem;
};

// On a thread of the pool.
Decoded decoded(const base::Bytes& value, int side)
{
    const auto view = types::ValueView::open(value);
    if (!view) return {{}, {}, QString::fromStdString(view.error().message)};
    QByteArray file = QByteArray::fromRawData(reinterpret_cast<const char*>(view->data().data()), static_cast<qsizetype>(view->data().size()));
    QBuffer buffer(&file);
    buffer.open(QIODevice::ReadOnly);
    QImageReader reader(&buffer, "png");
    Decoded out;
    out.whole = reader.read();
    if (out.whole.isNull()) return {{}, {}, EncodedPicture::tr("This PNG cannot be shown: %1").arg(reader.errorString())};
    const bool large = std::max(out.whole.width(), out.whole.height()) > side;
    out.small = large ? out.whole.scaled(side, side, Qt::KeepAspectRatio, Qt::SmoothTransformation) : out.whole;
    out.small.convertTo(QImage::Format_RGBA8888);
    out.whole.convertTo(QImage::Format_ARGB32_Premultiplied);
    return out;
}

} // namespace

std::optional<QSize> pngSize(std::span<const std::byte> file)
{
    if (file.size() < kPngHead || std::memcmp(file.data(), "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) != 0) return std::nullopt;
    const auto width = qFromBigEndian<std::uint32_t>(file.data() + 16), height = qFromBigEndian<std::uint32_t>(file.data() + 20);
    if (width == 0 || height == 0 || width > INT_MAX || height > INT_MAX) return std::nullopt;
    return QSize(static_cast<int>(width), static_cast<int>(height));
}

EncodedPicture::EncodedPicture(ByteSource& source, const types::ObjectAddress& object, int side, QObject* parent)
    : QObject(parent), m_source(source), m_object(object), m_side(side), m_read(source, object, kEncodedBytesMax)
{
    QImageReader::setAllocationLimit(static_cast<int>((kEncodedPixelsMax * 8 >> 20) + 1)); // MiB; 16 bits a channel are 8 bytes a pixel
    connect(&m_read, &ValueRead::ended, this, [this](ValueRead::End end, const QString& problem) {
        if (end == ValueRead::End::Whole) decode();
        else Q_EMIT ended(End::Refused, end == ValueRead::End::Failed ? problem : tr("This PNG has %1, too much to be shown here; save it to see it.").arg(bytesText(m_read.total())));
    });
}

EncodedPicture::~EncodedPicture()
{
    m_cancelled->store(true);
    if (m_head != 0) m_source.drop(m_head);
}

void EncodedPicture::start()
{
    m_head = m_source.read(m_object, {0, kHeadBytes}, [self = QPointer<EncodedPicture>(this)](base::Result<types::Chunk> answer) {
        if (!self || std::exchange(self->m_head, 0) == 0) return;
        if (answer) self->takeHead(answer->bytes);
        else Q_EMIT self->ended(End::None, {}); // what is known of the value already is shown
    });
}

void EncodedPicture::takeHead(const base::Bytes& head)
{
    types::ValueHeader header;
    std::optional<QSize> size;
    if (head.size() >= sizeof header) std::memcpy(&header, head.data(), sizeof header);
    if (header.type == static_cast<std::uint8_t>(types::ValueType::Bytes) && header.dataOffset < head.size()) size = pngSize(std::span(head).subspan(header.dataOffset));
    if (!size) return Q_EMIT ended(End::None, {});
    if (static_cast<std::uint64_t>(size->width()) * static_cast<std::uint64_t>(size->height()) > kEncodedPixelsMax)
        return Q_EMIT ended(End::Refused, tr("This PNG has %1 × %2 pixels; above %3 megapixels none is shown here, save it to see it.").arg(size->width()).arg(size->height()).arg(kEncodedPixelsMax / 1'000'000));
    m_read.start();
    Q_EMIT found(*size);
}

void EncodedPicture::decode()
{
    auto job = [self = QPointer<EncodedPicture>(this), bytes = m_read.take(), side = m_side, cancelled = m_cancelled] {
        if (cancelled->load()) return;
        auto picture = decoded(*bytes, side);
        // The application waits for the pool before it ends; this object may be gone, so it is looked at on its own thread only.
        QMetaObject::invokeMethod(QCoreApplication::instance(), [self, picture = std::move(picture)] {
            if (!self) return;
            self->m_small = picture.small;
            self->m_whole = picture.whole;
            Q_EMIT self->ended(picture.problem.isEmpty() ? End::Picture : End::Refused, picture.problem);
        }, Qt::QueuedConnection);
    };
    QThreadPool::globalInstance()->start(std::move(job));
}

} // namespace orrery::widgets
