// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// Save and Open of ObjectPane.
#include "widgets/common/elided_label.h"
#include "widgets/common/format.h"
#include "widgets/common/toast.h"
#include "widgets/objects/object_pane.h"

#include <QFileInfo>
#include <QProgressBar>

namespace orrery::widgets {

ValueFile& ObjectPane::newFile(const types::ObjectAddress& object)
{
    cancelSave();
    m_file = new ValueFile(m_bytes, object, this);
    connect(m_file, &ValueFile::ended, this, &ObjectPane::endSave);
    connect(m_file, &ValueFile::progressed, this, [this](quint64 done, quint64 total) {
        m_progress->setRange(0, 1000);
        m_progress->setValue(total == 0 ? 1000 : static_cast<int>(done * 1000 / total));
        const QString name = QFileInfo(m_file->path()).fileName();
        m_progressText->setText(done < total ? tr("Reading %1 of %2").arg(bytesText(done), bytesText(total)) : tr("Writing %1").arg(name));
    });
    m_progress->setRange(0, 1000);
    m_progress->setValue(0);
    m_progressText->setText(tr("Reading"));
    m_progressRow->show();
    showFacts();
    return *m_file;
}

void ObjectPane::save(const types::ObjectAddress& object, const QString& name) { newFile(object).save(name); }

void ObjectPane::saveTo(const types::ObjectAddress& object, const QString& path) { newFile(object).saveTo(path); }

void ObjectPane::open(const types::ObjectAddress& object, const QString& name) { newFile(object).open(name); }

void ObjectPane::cancelSave()
{
    if (m_file == nullptr) return;
    m_file->cancel();
    m_file->deleteLater();
    m_file = nullptr;
    m_progressRow->hide();
    showFacts();
}

void ObjectPane::endSave(ValueFile::End end, const QString& text)
{
    cancelSave(); // it is over: only its place is cleared
    switch (end) {
    case ValueFile::End::Saved:
        Toast::show(this, {tr("Saved"), QFileInfo(text).fileName(), {}, types::TaskState::Finished});
        return Q_EMIT saved(text);
    case ValueFile::End::Opened: return Q_EMIT openFileRequested(text);
    case ValueFile::End::Failed:
        Toast::show(this, {tr("Not saved"), text, {}, types::TaskState::Failed});
        return Q_EMIT saveFailed(text);
    case ValueFile::End::Dropped: return;
    }
}

} // namespace orrery::widgets
