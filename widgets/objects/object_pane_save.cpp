// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// Save and Open of ObjectPane.
#include "widgets/common/elided_label.h"
#include "widgets/common/format.h"
#include "widgets/common/toast.h"
#include "widgets/common/value_save.h"
#include "widgets/objects/object_pane.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QProgressBar>
#include <QStandardPaths>

namespace orrery::widgets {

ValueSave* ObjectPane::newSave(const types::ObjectAddress& object, bool openAfter)
{
    cancelSave();
    m_openAfter = openAfter;
    m_save = new ValueSave(m_bytes, object, this);
    connect(m_save, &ValueSave::finished, this, &ObjectPane::endSave);
    connect(m_save, &ValueSave::progressed, this, [this](quint64 done, quint64 total) {
        m_progress->setRange(0, 1000);
        m_progress->setValue(total == 0 ? 1000 : static_cast<int>(done * 1000 / total));
        const QString name = QFileInfo(m_save->path()).fileName();
        m_progressText->setText(done < total ? tr("Reading %1 of %2").arg(bytesText(done), bytesText(total)) : tr("Writing %1").arg(name));
    });
    m_progress->setRange(0, 1000);
    m_progress->setValue(0);
    m_progressText->setText(tr("Reading"));
    m_progressRow->show();
    showFacts();
    return m_save;
}

void ObjectPane::save(const types::ObjectAddress& object, const QString& name)
{
    ValueSave* job = newSave(object, false);
    connect(job, &ValueSave::extensionKnown, this, [this, name](const QString& extension) { askPath(name, extension); });
    job->askExtension();
}

void ObjectPane::saveTo(const types::ObjectAddress& object, const QString& path) { newSave(object, false)->start(path); }

void ObjectPane::open(const types::ObjectAddress& object, const QString& name)
{
    if (!m_folder) m_folder = std::make_unique<QTemporaryDir>(QDir::tempPath() + QStringLiteral("/orrery-open-XXXXXX"));
    if (!m_folder->isValid()) {
        Q_EMIT saveFailed(tr("Cannot make a folder for the file: %1").arg(m_folder->errorString()));
        m_folder.reset();
        return;
    }
    ValueSave* job = newSave(object, true);
    connect(job, &ValueSave::extensionKnown, this, [this, job, name](const QString& extension) { job->start(m_folder->filePath(name + u'.' + extension)); });
    job->askExtension();
}

void ObjectPane::askPath(const QString& name, const QString& extension)
{
    auto* dialog = new QFileDialog(this, tr("Save value"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(extension);
    dialog->setNameFilters({tr("%1 file (*.%1)").arg(extension), tr("All files (*)")});
    dialog->setDirectory(QStandardPaths::writableLocation(QStandardPaths::HomeLocation));
    dialog->selectFile(name + u'.' + extension);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
        if (m_save != nullptr) m_save->start(path);
    });
    connect(dialog, &QFileDialog::rejected, this, &ObjectPane::cancelSave);
    dialog->open();
}

void ObjectPane::cancelSave()
{
    if (m_save == nullptr) return;
    m_save->cancel();
    m_save->deleteLater();
    m_save = nullptr;
    m_progressRow->hide();
    showFacts();
}

void ObjectPane::endSave(const QString& path, const QString& problem)
{
    const bool opens = m_openAfter;
    cancelSave(); // it is over: only its place is cleared
    if (!problem.isEmpty()) {
        Toast::show(this, {tr("Not saved"), problem, {}, types::TaskState::Failed});
        Q_EMIT saveFailed(problem);
        return;
    }
    if (opens) {
        Q_EMIT openFileRequested(path);
        return;
    }
    Toast::show(this, {tr("Saved"), QFileInfo(path).fileName(), {}, types::TaskState::Finished});
    Q_EMIT saved(path);
}

} // namespace orrery::widgets
