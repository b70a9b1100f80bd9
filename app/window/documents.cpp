// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/window/documents.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QMessageBox>
#include <QPushButton>
#include <QSaveFile>

namespace orrery::app {

namespace {

// The examples of an installed program, or of a build tree.
QString examplesFolder()
{
    const QString program = QCoreApplication::applicationDirPath();
    for (const auto* place : {"/../share/orrery/examples", "/../../../resources/examples"})
        if (const QString folder = QDir::cleanPath(program + QLatin1String(place)); QFileInfo(folder).isDir()) return folder;
    return {};
}

} // namespace

QStringList Documents::examples()
{
    QStringList names;
    for (const auto& file : QDir(examplesFolder()).entryInfoList({u"*.orrery"_qs}, QDir::Files, QDir::Name)) names << file.completeBaseName();
    return names;
}

QString Documents::examplePath(const QString& name) { return examplesFolder() + QLatin1Char('/') + name + u".orrery"_qs; }

bool Documents::load(const QString& path, const QString& keepPath)
{
    QFile file(path);
    const QString name = QFileInfo(path).fileName();
    if (!file.open(QIODevice::ReadOnly)) {
        Q_EMIT refused(tr("%1 cannot be opened: %2").arg(name, file.errorString()), {});
        return false;
    }
    if (file.size() > static_cast<qint64>(types::kDocumentBytesMax)) {
        Q_EMIT refused(tr("%1 is too large for a graph: %2 bytes, at most %3").arg(name).arg(file.size()).arg(types::kDocumentBytesMax), {});
        return false;
    }
    const QByteArray text = file.readAll();
    auto parsed = types::parseDocument(std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
    if (!parsed.ok()) {
        QStringList problems;
        for (const auto& problem : parsed.problems) problems << QString::fromStdString(problem.text());
        Q_EMIT refused(tr("%1 was refused: %n problem(s)", nullptr, static_cast<int>(problems.size())).arg(name), problems);
        return false;
    }
    m_isOfRun = false;
    m_graph.setGraph(std::move(parsed.graph), keepPath);
    Q_EMIT opened();
    return true;
}

bool Documents::open(const QString& path) { return load(path, QFileInfo(path).absoluteFilePath()); }

bool Documents::openExample(const QString& name)
{
    if (!load(examplePath(name), {})) return false;
    m_graph.setName(name + u".orrery"_qs);
    return true;
}

bool Documents::openOnFolder(const QString& folder)
{
    const QDir dir(folder);
    if (!dir.isReadable()) {
        Q_EMIT refused(tr("The folder %1 cannot be read").arg(folder), {});
        return false;
    }
    if (dir.entryList(QDir::Files | QDir::Hidden).isEmpty()) {
        Q_EMIT refused(tr("The folder %1 has no files").arg(folder), {});
        return false;
    }
    if (!openExample(u"checksums"_qs)) return false;
    const auto text = QJsonDocument(QJsonArray{dir.absolutePath()}).toJson(QJsonDocument::Compact);
    const QString why = m_graph.setParameter(u"files"_qs, u"folder"_qs, text.mid(1, text.size() - 2)); // a text alone is no JSON document to Qt
    if (!why.isEmpty()) Q_EMIT refused(why, {});
    return why.isEmpty();
}

void Documents::startEmpty()
{
    m_isOfRun = false;
    m_graph.setGraph({}, {});
    Q_EMIT opened();
}

void Documents::showRun(const types::Graph& graph, const QString& title)
{
    const bool nothingOfTheirs = m_graph.path().isEmpty() && !m_graph.isModified() && (m_isOfRun || m_graph.graph().vertices.empty());
    if (!nothingOfTheirs || graph == m_graph.graph()) return;
    m_graph.setGraph(graph, {});
    m_graph.setName(title);
    m_isOfRun = true;
    Q_EMIT opened();
}

bool Documents::write(const QString& path)
{
    QSaveFile file(path);
    const auto text = m_graph.documentText();
    if (!file.open(QIODevice::WriteOnly) || file.write(text.data(), static_cast<qint64>(text.size())) != static_cast<qint64>(text.size()) || !file.commit()) {
        Q_EMIT refused(tr("%1 was not saved: %2").arg(QFileInfo(path).fileName(), file.errorString()), {});
        return false;
    }
    m_graph.setPath(path);
    m_graph.setSaved();
    return true;
}

bool Documents::save() { return m_graph.path().isEmpty() ? saveAs() : write(m_graph.path()); }

bool Documents::saveAs()
{
    QString path = QFileDialog::getSaveFileName(m_window, tr("Save the graph"), m_graph.path().isEmpty() ? m_graph.title() : m_graph.path(), tr("Graphs (*.orrery)"));
    if (path.isEmpty()) return false;
    if (!path.endsWith(u".orrery"_qs)) path += u".orrery"_qs;
    return write(path);
}

bool Documents::mayDiscard()
{
    if (!m_graph.isModified()) return true;
    QMessageBox box(m_window);
    box.setText(tr("%1 has changes that are not saved.").arg(m_graph.title()));
    auto* saving = box.addButton(tr("Save"), QMessageBox::AcceptRole);
    auto* discarding = box.addButton(tr("Discard changes"), QMessageBox::DestructiveRole);
    box.addButton(QMessageBox::Cancel);
    box.setDefaultButton(saving);
    box.exec();
    if (box.clickedButton() == discarding) return true;
    return box.clickedButton() == saving && save();
}

} // namespace orrery::app
