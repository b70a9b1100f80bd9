// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// InspectorHead: what is selected, in two lines: state and name, id and place. Thread: UI.

#include "engine/types/task_state.h"

#include <QWidget>

#include <optional>

namespace orrery::widgets {

class InspectorHead final : public QWidget {
    Q_OBJECT
public:
    struct Words {
        std::optional<types::TaskState> glyph; // none: the icon
        QString icon;
        QString title, note; // "render [93]", "tile 5,12"
        QString id, place;   // "T·7c1e…04b2", "attempt 1 of 1"
        QString fullId;      // what copying gives
        bool operator==(const Words&) const = default;
    };
    explicit InspectorHead(QWidget* parent = nullptr);
    void setWords(const Words& words);
    const Words& words() const { return m_words; }
    QSize sizeHint() const override { return {200, 64}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    Words m_words;
};

} // namespace orrery::widgets
