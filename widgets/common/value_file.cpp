// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/value_file.h"

#include <QDir>
#include <QFileDialog>
#include <QStandardPaths>
#include <QTemporaryDir>

namespace orrery::widgets {

namespace {

// The user's alone; made when it is first needed, removed at the end of the program.
const QTemporaryDir& openedFolder()
{
    static const QTemporaryDir folder(QDir::tempPath() + QStringLiteral("/orrery-open-XXXXXX"));
    return folder;
}

} // namespace

ValueFile::ValueFile(ByteSource& source, const types::ObjectAddress& object, QWidget* over) : QObject(over), m_over(over), m_save(source, object)
{
    connect(&m_save, &ValueSave::progressed, this, &ValueFile::progressed);
    connect(&m_save, &ValueSave::finished, this, [this](const QString& path, const QString& problem) {
        if (!problem.isEmpty()) Q_EMIT ended(End::Failed, problem);
        else Q_EMIT ended(m_opens ? End::Opened : End::Saved, path);
    });
    connect(&m_save, &ValueSave::extensionKnown, this, [this](const QString& extension) {
        if (!m_opens) return askPath(m_name, extension);
        if (openedFolder().isValid()) m_save.start(openedFolder().filePath(m_name + u'.' + extension));
        else Q_EMIT ended(End::Failed, tr("Cannot make a folder for the file: %1").arg(openedFolder().errorString()));
    });
}

ValueFile::~ValueFile() { cancel(); }

void ValueFile::save(const QString& name)
{
    m_name = name;
    m_save.askExtension();
}

void ValueFile::saveTo(const QString& path) { m_save.start(path); }

void ValueFile::open(const QString& name)
{
    m_name = name;
    m_opens = true;
    m_save.askExtension();
}

void ValueFile::askPath(const QString& name, const QString& extension)
{
    m_dialog = new QFileDialog(m_over, tr("Save value"));
    m_dialog->setAttribute(Qt::WA_DeleteOnClose);
    m_dialog->setAcceptMode(QFileDialog::AcceptSave);
    m_dialog->setDefaultSuffix(extension);
    m_dialog->setNameFilters({tr("%1 file (*.%1)").arg(extension), tr("All files (*)")});
    m_dialog->setDirectory(QStandardPaths::writableLocation(QStandardPaths::HomeLocation));
    m_dialog->selectFile(name + u'.' + extension);
    connect(m_dialog, &QFileDialog::fileSelected, this, [this](const QString& path) { m_save.start(path); });
    connect(m_dialog, &QFileDialog::rejected, this, [this] { Q_EMIT ended(End::Dropped, {}); });
    m_dialog->open();
}

void ValueFile::cancel()
{
    m_save.cancel();
    if (!m_dialog) return;
    m_dialog->disconnect(this);
    m_dialog->close();
}

} // namespace orrery::widgets
