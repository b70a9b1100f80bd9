// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// ValuePreview: one value of a run, drawn by its kind: a picture (fit, wheel zoom, drag), the head of a table, a large number,
// mono text, the items of a list (a click shows the item, a crumb leads back), bytes that are a PNG file as its picture. The table of objects and the inspector share it.
// Thread: UI. Asks its ByteSource while it is visible, one question at a time; what it shows stays until the answer to the
// next question is there, but for a picture that has to be decoded first. An error is one sentence in place of the value.
// Bounds: kPreviewPixelsMax a side, kPreviewRowsMax rows, kPreviewTextMax bytes.

#include "widgets/models/ports.h"

#include <QImage>
#include <QWidget>
#include <optional>

class QLabel;
class QPlainTextEdit;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace orrery::widgets {

inline constexpr std::uint32_t kPreviewPixelsMax = 1024;
inline constexpr std::uint32_t kPreviewRowsMax = 200;
inline constexpr std::uint32_t kPreviewTextMax = 64 * 1024;

class EncodedPicture;
class PictureStrips;
class PictureView;
class StringTable;

class ValuePreview final : public QWidget {
    Q_OBJECT
public:
    // The source must outlive the widget.
    explicit ValuePreview(ByteSource& source, QWidget* parent = nullptr);
    ~ValuePreview() override;

    // attempt: another one is another value; the same pair again asks nothing.
    void setValue(const types::ObjectAddress& object, int attempt = 1);
    // Shows a sentence instead: "This task has not finished yet."
    void clear(const QString& why = {});
    // No zoom row under a picture, smaller number: for a place under some 200 pixels.
    void setCompact(bool compact);

    const std::optional<types::ObjectAddress>& object() const { return m_object; } // of the last setValue()
    const std::optional<types::Preview>& preview() const { return m_preview; }     // shown now; none: loading, cleared or error
    bool isLoading() const { return m_ticket != 0 || m_encoded != nullptr; }       // another one is on its way
    const QString& problem() const { return m_problem; }                           // of the last answer; empty: none
    qint64 item() const { return m_item; }                                         // of a list; -1: the whole
    QImage image() const;                                                          // null: no picture

public Q_SLOTS:
    void showItem(qint64 item); // of a list; -1: back to the list

Q_SIGNALS:
    void previewChanged(); // preview(), problem() or item() is another

protected:
    void showEvent(QShowEvent* event) override;

private:
    void ask();
    void take(base::Result<types::Preview> answer);
    void showAnswer(types::Preview preview, const QImage& whole = {});
    void lookInside(types::Preview bytes);
    void display(const types::Preview& preview, const QImage& whole);
    void displayPicture(const types::Preview& preview, const QImage& whole);
    void displayList(const types::Preview& preview);
    void fitColumns(bool stretchLast);
    void say(const QString& sentence);
    void updateRow();
    void applyFonts();
    void dropQuestion();
    int pixels() const; // longest side of a picture that is asked for
    QWidget* makeRow();

    ByteSource& m_source;
    std::optional<types::ObjectAddress> m_object;
    int m_attempt = 1;
    qint64 m_item = -1;
    qint64 m_itemCount = -1;
    std::optional<types::Preview> m_preview;
    QString m_problem;
    Ticket m_ticket = 0;
    EncodedPicture* m_encoded = nullptr; // is looked for in bytes; null: nothing is
    std::uint64_t m_question = 0; // number of the one that counts
    bool m_due = false;           // to be asked when shown
    bool m_compact = false;

    QStackedWidget* m_stack = nullptr;
    QLabel* m_sentence = nullptr;
    QLabel* m_number = nullptr;
    PictureView* m_picture = nullptr;
    PictureStrips* m_strips = nullptr; // of the shown picture, when it is larger than its preview
    QPlainTextEdit* m_text = nullptr;
    QTableView* m_grid = nullptr;
    StringTable* m_table = nullptr;
    QWidget* m_row = nullptr;     // under the value: way back, size, zoom
    QLabel* m_size = nullptr;
    QLabel* m_zoom = nullptr;
    QToolButton *m_back = nullptr, *m_minus = nullptr, *m_plus = nullptr;
};

} // namespace orrery::widgets
