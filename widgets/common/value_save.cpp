// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/value_save.h"

#include "engine/types/value_export.h"

#include <QCoreApplication>
#include <QImage>
#include <QImageWriter>
#include <QPointer>
#include <QSaveFile>
#include <QThreadPool>

namespace orrery::widgets {

namespace {

// On a thread of the pool. Empty, or why not.
QString writeFile(const base::Bytes& bytes, const QString& path, const std::atomic<bool>& cancelled)
{
    auto view = types::ValueView::open(bytes);
    if (!view) return QString::fromStdString(view.error().message);
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly)) return ValueSave::tr("Cannot write %1: %2").arg(path, file.errorString());
    if (const auto encoded = types::exportValue(*view)) {
        file.write(encoded->data(), static_cast<qint64>(encoded->size()));
    } else {
        const auto shape = view->shape();
        const QImage image(reinterpret_cast<const uchar*>(view->data().data()), static_cast<int>(shape[1]), static_cast<int>(shape[0]),
                           static_cast<qsizetype>(shape[1]) * 4, QImage::Format_RGBA8888);
        QImageWriter writer(&file, "png");
        writer.setCompression(30); // of 100: a picture of 64 MiB in seconds
        if (!writer.write(image)) return ValueSave::tr("Cannot write %1: %2").arg(path, writer.errorString());
    }
    if (cancelled.load()) {
        file.cancelWriting();
        return {};
    }
    return file.commit() ? QString() : ValueSave::tr("Cannot write %1: %2").arg(path, file.errorString());
}

} // namespace

ValueSave::ValueSave(ByteSource& source, const types::ObjectAddress& object, QObject* parent)
    : QObject(parent), m_source(source), m_object(object), m_read(source, object, kSaveBytesMax)
{
    connect(&m_read, &ValueRead::progressed, this, &ValueSave::progressed);
    connect(&m_read, &ValueRead::ended, this, [this](ValueRead::End how, const QString& problem) {
        if (how == ValueRead::End::Whole) write();
        else end(how == ValueRead::End::Failed ? problem : tr("The value is too large to be saved from here (%1 GiB); write it with a task instead.").arg(m_read.total() >> 30));
    });
}

ValueSave::~ValueSave() { cancel(); }

void ValueSave::askExtension()
{
    if (m_head != 0) return;
    m_head = m_source.read(m_object, {0, types::kExtensionHead}, [self = QPointer<ValueSave>(this)](base::Result<types::Chunk> answer) {
        if (!self || self->m_head == 0) return;
        self->m_head = 0;
        if (answer) Q_EMIT self->extensionKnown(QString::fromStdString(types::valueExtension(answer->bytes)));
        else self->end(QString::fromStdString(answer.error().message));
    });
}

void ValueSave::start(const QString& path)
{
    m_path = path;
    m_running = true;
    m_read.start();
}

void ValueSave::write()
{
    auto job = [self = QPointer<ValueSave>(this), bytes = m_read.take(), path = m_path, cancelled = m_cancelled] {
        QString problem;
        if (!cancelled->load()) problem = writeFile(*bytes, path, *cancelled);
        if (cancelled->load()) return;
        // The application waits for the pool before it ends; this object may be gone, so it is looked at on its own thread only.
        QMetaObject::invokeMethod(QCoreApplication::instance(), [self, problem] {
            if (self) self->end(problem);
        }, Qt::QueuedConnection);
    };
    QThreadPool::globalInstance()->start(std::move(job));
}

void ValueSave::end(const QString& problem)
{
    dropAll();
    m_running = false;
    Q_EMIT finished(m_path, problem);
}

void ValueSave::cancel()
{
    m_cancelled->store(true);
    dropAll();
    m_running = false;
}

void ValueSave::dropAll()
{
    if (const Ticket head = std::exchange(m_head, 0); head != 0) m_source.drop(head);
    m_read.cancel();
}

} // namespace orrery::widgets
