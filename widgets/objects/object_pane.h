// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ObjectPane: one object: its picture, its facts, Open and Save. Facts are asked again when rows change, at most twice a second.
// Save writes the file whose kind the formats page names; its progress can be cancelled. Open asks for a copy to be shown.
// Thread: UI. Asks nothing while it is hidden.

#include "widgets/common/refresh.h"
#include "widgets/common/value_file.h"
#include "widgets/common/value_preview.h"
#include "widgets/objects/object_facts.h"

#include <QWidget>

class QProgressBar;
class QVBoxLayout;

namespace orrery::widgets {

class ElidedLabel;
class FlatButton;
class TypeTag;

class ObjectPane final : public QWidget {
    Q_OBJECT
public:
    ObjectPane(RunModel& run, RowSource& rows, ByteSource& bytes, QWidget* parent = nullptr);
    ~ObjectPane() override;
    void setObject(const std::optional<ObjectRef>& object);
    const std::optional<ObjectFacts>& facts() const { return m_facts; }
    ValuePreview& preview() { return *m_preview; }
    bool isSaving() const { return m_file != nullptr; }
    QSize sizeHint() const override { return {metric::kPreview, 600}; }

public Q_SLOTS:
    // name: without extension, proposed to the person.
    void save(const orrery::types::ObjectAddress& object, const QString& name);
    void saveTo(const orrery::types::ObjectAddress& object, const QString& path); // no question
    void open(const orrery::types::ObjectAddress& object, const QString& name);
    void cancelSave();

Q_SIGNALS:
    void producerChosen(const orrery::widgets::TaskRef& task, const QString& vertex);
    void openFileRequested(const QString& path);
    void saved(const QString& path);
    void saveFailed(const QString& sentence);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void fitPreview();
    void makeFacts(QVBoxLayout* column);
    void makeButtons(QVBoxLayout* column);
    void ask();
    void take(base::Result<types::Page> answer);
    void showFacts();
    ValueFile& newFile(const types::ObjectAddress& object);
    void endSave(ValueFile::End end, const QString& text);
    std::optional<types::ObjectAddress> address() const;

    RunModel& m_run;
    RowSource& m_rows;
    ByteSource& m_bytes;
    std::optional<ObjectRef> m_object;
    std::optional<ObjectFacts> m_facts;
    Ticket m_ticket = 0;
    std::uint64_t m_number = 0;
    ElidedLabel *m_title, *m_id;
    TypeTag* m_type;
    ValuePreview* m_preview;
    KeyValueList* m_list;
    FlatButton *m_open, *m_saveAs;
    QWidget* m_progressRow;
    ElidedLabel* m_progressText;
    QProgressBar* m_progress;
    ValueFile* m_file = nullptr; // that is being made
    Refresh* m_refresh;
};

} // namespace orrery::widgets
