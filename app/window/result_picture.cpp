// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/result_picture.h"

#include "engine/types/value.h"
#include "engine/types/vertex_ports.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QPointer>
#include <QThreadPool>

namespace orrery::app {

std::optional<ResultPort> resultPort(const types::Graph& graph, const types::Catalog& catalog)
{
    const auto index = [&](const types::PortRef& port) -> std::optional<ResultPort> {
        const int vertex = graph.indexOf(port.vertex);
        const auto function = vertex < 0 ? nullptr : types::functionOf(catalog, graph.vertices[static_cast<std::size_t>(vertex)]);
        if (!function) return std::nullopt;
        for (std::size_t i = 0; i < function->outputs.size(); ++i)
            if (function->outputs[i].name == port.port && (function->outputs[i].type == "image" || function->outputs[i].type == "bytes"))
                return ResultPort{static_cast<std::uint16_t>(vertex), static_cast<std::uint16_t>(i)};
        return std::nullopt;
    };
    for (const auto& vertex : graph.vertices) {
        const auto function = types::functionOf(catalog, vertex);
        if (!function) continue;
        for (const auto& output : function->outputs) {
            const types::PortRef port{vertex.id, output.name};
            const bool read = std::any_of(graph.edges.begin(), graph.edges.end(), [&](const auto& edge) { return edge.from == port; });
            if (const auto found = index(port); !read && found) return found;
        }
        if (!function->outputs.empty()) continue;
        for (const auto& edge : graph.edges)
            if (edge.to.vertex == vertex.id)
                if (const auto found = index(edge.from)) return found;
    }
    return std::nullopt;
}

QImage pictureOf(std::span<const std::byte> value)
{
    const auto view = types::ValueView::open(value);
    if (!view) return {};
    const auto data = view->data();
    if (view->type() == types::ValueType::Bytes) return QImage::fromData(reinterpret_cast<const uchar*>(data.data()), static_cast<int>(data.size()));
    if (view->type() != types::ValueType::Image || view->dtype() != types::DType::U8 || view->shape().size() < 2) return {};
    const auto shape = view->shape(), strides = view->strides();
    const auto channels = shape.size() > 2 ? shape[2] : 1;
    const auto format = channels == 4 ? QImage::Format_RGBA8888 : channels == 3 ? QImage::Format_RGB888 : channels == 1 ? QImage::Format_Grayscale8 : QImage::Format_Invalid;
    if (format == QImage::Format_Invalid || shape[0] > 32'767 || shape[1] > 32'767 || strides[1] != channels) return {};
    return QImage(reinterpret_cast<const uchar*>(data.data()), static_cast<int>(shape[1]), static_cast<int>(shape[0]), strides[0], format).copy();
}

ResultPicture::ResultPicture(widgets::RunModel& run, widgets::RowSource& rows, widgets::ByteSource& bytes, QObject* parent)
    : QObject(parent), m_run(run), m_rows(rows), m_bytes(bytes)
{
}

ResultPicture::~ResultPicture()
{
    m_rows.drop(m_rowTicket);
    m_bytes.drop(m_byteTicket);
}

void ResultPicture::fetch()
{
    m_rows.drop(m_rowTicket);
    m_bytes.drop(m_byteTicket);
    const auto* run = m_run.shownRun();
    if (!run || !m_run.graph()) return;
    m_object = {run->id, types::kNoRow, 0, -1};
    const auto port = resultPort(*m_run.graph(), *m_run.catalog());
    if (!port) {
        Q_EMIT failed(run->id, tr("the graph does not end in a picture"));
        return;
    }
    m_object.output = port->output;
    types::Query query;
    query.table = "tasks";
    query.run = run->id;
    query.filter = "vertex=" + m_run.graph()->vertices[port->vertex].id;
    query.columns = {"row"};
    query.count = 1;
    m_rowTicket = m_rows.ask(query, [this](base::Result<types::Page> page) { takeRow(page); });
}

void ResultPicture::takeRow(const base::Result<types::Page>& page)
{
    const auto* row = page && !page->rows.empty() && !page->rows.front().empty() ? std::get_if<std::int64_t>(&page->rows.front().front()) : nullptr;
    if (!row) {
        Q_EMIT failed(m_object.run, page ? tr("the run has no task that makes its picture") : QString::fromStdString(page.error().message));
        return;
    }
    m_object.row = static_cast<std::uint32_t>(*row);
    m_value = std::make_shared<base::Bytes>();
    readOn();
}

void ResultPicture::readOn()
{
    m_byteTicket = m_bytes.read(m_object, {m_value->size(), types::kFetchBytesMax}, [this](base::Result<types::Chunk> chunk) {
        if (!chunk || chunk->total > kResultBytesMax || chunk->bytes.empty()) {
            Q_EMIT failed(m_object.run, chunk ? tr("the picture has %1 bytes, which cannot be compared").arg(chunk->total) : QString::fromStdString(chunk.error().message));
            return;
        }
        m_value->insert(m_value->end(), chunk->bytes.begin(), chunk->bytes.end());
        if (m_value->size() < chunk->total) readOn();
        else decode();
    });
}

void ResultPicture::decode()
{
    QPointer<ResultPicture> self(this);
    QThreadPool::globalInstance()->start([self, value = std::move(m_value), run = m_object.run] {
        PictureDigest digest;
        const QImage image = pictureOf(*value).convertToFormat(QImage::Format_RGBA8888);
        QCryptographicHash hash(QCryptographicHash::Sha256);
        for (int y = 0; y < image.height(); ++y) hash.addData(QByteArrayView(image.constScanLine(y), image.width() * 4));
        digest.sha256 = hash.result();
        digest.size = image.size();
        // The object may have gone meanwhile; only the UI thread can tell.
        QMetaObject::invokeMethod(qApp, [self, run, digest] {
            if (!self) return;
            if (digest.size.isEmpty()) Q_EMIT self->failed(run, tr("the result of the run is no picture"));
            else Q_EMIT self->fetched(run, digest);
        });
    });
}

} // namespace orrery::app
