// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ValueFile: one value as the file that a person asked for: saved where they say, or opened as a copy in a folder that goes with the
// program. Its extension comes from the value. What it ended as is shown by whoever made it.
// Thread: UI. Lives: as long as its owner likes; the destructor cancels. Ends once, never inside save() or open(); not after cancel().

#include "widgets/common/value_save.h"

#include <QPointer>

class QFileDialog;
class QWidget;

namespace orrery::widgets {

class ValueFile final : public QObject {
    Q_OBJECT
public:
    enum class End : std::uint8_t { Saved, Opened, Failed, Dropped };
    // over: what the question for a path belongs to; it owns this.
    ValueFile(ByteSource& source, const types::ObjectAddress& object, QWidget* over);
    ~ValueFile() override;
    // One of these, once. name: without extension.
    void save(const QString& name);   // asks for a path
    void saveTo(const QString& path); // no question
    void open(const QString& name);
    void cancel();
    QString path() const { return m_save.path(); } // empty: not known yet

Q_SIGNALS:
    void progressed(quint64 done, quint64 total); // bytes that were read
    void ended(orrery::widgets::ValueFile::End end, const QString& text); // path of the file, to be shown when Opened; Failed: one sentence

private:
    void askPath(const QString& name, const QString& extension);
    QWidget* const m_over;
    ValueSave m_save;
    QPointer<QFileDialog> m_dialog;
    QString m_name;
    bool m_opens = false;
};

} // namespace orrery::widgets
