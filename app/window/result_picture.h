// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ResultPicture: the picture that a run ends in, fetched whole, decoded away from the UI thread and reduced to the SHA-256 of its
// pixels, so that two runs can be compared by what a person would see.
// The result is the first image (or encoded picture) that the graph gives out: an output that no edge reads, or the input of
// a vertex without outputs.
// Thread: UI. Bound: kResultBytesMax; one run at a time, the next asks again when it is done.

#include "widgets/models/ports.h"
#include "widgets/models/run_model.h"

#include <QByteArray>
#include <QObject>
#include <QSize>

namespace orrery::app {

inline constexpr std::uint64_t kResultBytesMax = 512u << 20;

struct PictureDigest {
    QByteArray sha256; // of the pixels as 32-bit RGBA, rows top down
    QSize size;
    bool operator==(const PictureDigest&) const = default;
};

// The port whose value is the result, nothing when the graph ends in no picture. vertex: index into the graph.
struct ResultPort {
    std::uint16_t vertex = 0;
    std::uint16_t output = 0;
};
std::optional<ResultPort> resultPort(const types::Graph& graph, const types::Catalog& catalog);
// A value of the store (an image, or bytes of an encoded picture) as a picture; null: it is none.
QImage pictureOf(std::span<const std::byte> value);

class ResultPicture final : public QObject {
    Q_OBJECT
public:
    ResultPicture(widgets::RunModel& run, widgets::RowSource& rows, widgets::ByteSource& bytes, QObject* parent);
    ~ResultPicture() override;
    // Of the shown run, which has ended well.
    void fetch();

Q_SIGNALS:
    void fetched(const orrery::base::RunId& run, const orrery::app::PictureDigest& digest);
    void failed(const orrery::base::RunId& run, const QString& why);

private:
    void takeRow(const base::Result<types::Page>& page);
    void readOn();
    void decode();
    widgets::RunModel& m_run;
    widgets::RowSource& m_rows;
    widgets::ByteSource& m_bytes;
    types::ObjectAddress m_object;
    std::shared_ptr<base::Bytes> m_value;
    widgets::Ticket m_rowTicket = 0, m_byteTicket = 0;
};

} // namespace orrery::app
