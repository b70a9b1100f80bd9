// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ValuePage: a value and where it is: which output, preview and facts, Open and Save, the object's place, the attempts that made it. Without
// a value (a map as a whole, a worker) it shows rows of facts. Thread: UI. Asks: ByteSource, through the preview.

#include "widgets/common/key_value_list.h"
#include "widgets/inspector/facts_source.h"
#include "widgets/models/ports.h"

#include <QTimer>
#include <QWidget>

#include <optional>

class QBoxLayout;

namespace orrery::widgets {

class AttemptsList;
class FlatButton;
class OutputChooser;
class SectionHead;
class TextLabel;
class ValuePreview;

class ValuePage final : public QWidget {
    Q_OBJECT
public:
    ValuePage(RunModel& run, ByteSource& bytes, QWidget* parent = nullptr);
    // ---- what it shows ----
    struct Value {
        types::ObjectAddress address;
        int attempt = 1;
        QString producer; // "render [93]"
        QString fileName; // of a file of it, without extension: "render.93.value"
        QStringList outputs; // names to choose from; address has which
    };
    void showValue(const Value& value, const ResultFacts* object);
    void showNoValue(const QString& why);          // there is or will be a task, but no value
    void showAsking();                             // what is shown stays for a moment, then nothing
    void showSummary(const QList<KeyValue>& rows); // no preview at all
    void setAttempts(std::vector<AttemptFacts> attempts, const QString& cause);
    const QList<KeyValue>& facts() const;
    const QList<KeyValue>& where() const;
    OutputChooser* outputs() const { return m_outputs; }
    AttemptsList* attempts() const { return m_attempts; }
    ValuePreview* preview() const { return m_preview; }

Q_SIGNALS:
    void openRequested(const orrery::types::ObjectAddress& object, const QString& name); // name: without extension
    void saveRequested(const orrery::types::ObjectAddress& object, const QString& name);
    void producerRequested();
    void outputChosen(int output);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void takePreview();
    void place();
    int previewHeight() const; // of one that has the width to itself
    void showParts(bool value);
    RunModel& m_run;
    std::optional<Value> m_value;
    OutputChooser* m_outputs;
    ValuePreview* m_preview;
    KeyValueList* m_facts;
    QWidget* m_top;
    QBoxLayout* m_topRow;
    QWidget* m_buttons;
    FlatButton* m_open;
    FlatButton* m_save;
    SectionHead* m_whereHead;
    KeyValueList* m_where;
    SectionHead* m_attemptsHead;
    AttemptsList* m_attempts;
    QTimer m_asking;
};

} // namespace orrery::widgets
