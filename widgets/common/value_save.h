// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ValueSave: writes one value of a run into a file, the way the formats page says (image png, table csv, tensor npy, ...).
// The value is read by a ValueRead; encoding and writing happen on a thread of the pool; the file appears whole or not at all.
// Thread: UI; the encoder owns its bytes alone. Lives: as long as its owner likes; the destructor cancels.
// Bounds: kSaveBytesMax; a larger value is refused with a sentence. Errors: one sentence in finished().

#include "widgets/common/value_read.h"

#include <atomic>

namespace orrery::widgets {

inline constexpr std::uint64_t kSaveBytesMax = 4ull << 30;

class ValueSave final : public QObject {
    Q_OBJECT
public:
    ValueSave(ByteSource& source, const types::ObjectAddress& object, QObject* parent = nullptr);
    ~ValueSave() override;

    // Reads the begin of the value and says with extensionKnown() which file it makes.
    void askExtension();
    void start(const QString& path); // REQUIRES: not started before
    void cancel();                   // nothing more is told; a file that was there before stays as it was
    bool isRunning() const { return m_running; }
    const QString& path() const { return m_path; }

Q_SIGNALS:
    void extensionKnown(const QString& extension);
    void progressed(quint64 done, quint64 total); // bytes that were read
    void finished(const QString& path, const QString& problem); // problem is empty: it is written

private:
    void write();
    void end(const QString& problem);
    void dropAll();

    ByteSource& m_source;
    const types::ObjectAddress m_object;
    QString m_path;
    bool m_running = false;
    ValueRead m_read;
    Ticket m_head = 0;
    std::shared_ptr<std::atomic<bool>> m_cancelled = std::make_shared<std::atomic<bool>>(false);
};

} // namespace orrery::widgets
