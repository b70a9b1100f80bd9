// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/value_preview.h"

#include "widgets/common/buttons.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/encoded_picture.h"
#include "widgets/common/format.h"
#include "widgets/common/picture_strips.h"
#include "widgets/common/picture_view.h"
#include "widgets/common/string_table.h"
#include "widgets/common/table_view.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPointer>
#include <QStackedWidget>
#include <algorithm>

namespace orrery::widgets {

namespace {

constexpr int kColumnLeast = 56, kColumnMost = 360;

bool same(const types::ObjectAddress& a, const types::ObjectAddress& b)
{
    return a.run == b.run && a.row == b.row && a.output == b.output && a.item == b.item;
}

bool isBytes(const types::Preview& preview)
{
    return std::find(preview.facts.begin(), preview.facts.end(), std::pair<std::string, std::string>("type", "bytes")) != preview.facts.end();
}

QImage toImage(const types::Preview& preview)
{
    if (preview.kind != types::Preview::Kind::Image || preview.width == 0 || preview.pixels.size() != std::size_t{preview.width} * preview.height * 4) return {};
    return QImage(reinterpret_cast<const uchar*>(preview.pixels.data()), static_cast<int>(preview.width), static_cast<int>(preview.height),
                  static_cast<qsizetype>(preview.width) * 4, QImage::Format_RGBA8888)
        .convertToFormat(QImage::Format_ARGB32_Premultiplied);
}

} // namespace

ValuePreview::ValuePreview(ByteSource& source, QWidget* parent) : QWidget(parent), m_source(source)
{
    m_stack = new QStackedWidget(this);
    m_sentence = new TextLabel({}, FontRole::Ui, Token::Muted, this);
    m_sentence->setWordWrap(true);
    m_sentence->setAlignment(Qt::AlignCenter);
    m_number = new QLabel(this);
    m_number->setAlignment(Qt::AlignCenter);
    m_number->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_picture = new PictureView(this);
    m_picture->setFocusPolicy(Qt::ClickFocus);
    m_text = new QPlainTextEdit(this);
    m_text->setReadOnly(true);
    m_text->setFrameShape(QFrame::NoFrame);
    m_text->setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    m_table = new StringTable(this);
    m_grid = tableView(this);
    m_grid->setModel(m_table);
    for (QWidget* page : {static_cast<QWidget*>(m_sentence), static_cast<QWidget*>(m_number), static_cast<QWidget*>(m_picture), static_cast<QWidget*>(m_text), static_cast<QWidget*>(m_grid)})
        m_stack->addWidget(page);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_stack, 1);
    column->addWidget(makeRow());
    connect(m_grid, &QTableView::clicked, this, [this](const QModelIndex& index) {
        if (m_preview && m_preview->kind == types::Preview::Kind::List) showItem(index.row());
    });
    connect(m_grid, &QTableView::activated, m_grid, &QTableView::clicked);
    applyFonts();
    say({});
}

ValuePreview::~ValuePreview() { dropQuestion(); }

QWidget* ValuePreview::makeRow()
{
    m_row = new QWidget(this);
    m_back = toolButton(QStringLiteral("chevron-left"), tr("Back to the list"), m_row);
    m_size = new TextLabel({}, FontRole::Secondary, Token::Muted, m_row);
    m_zoom = new TextLabel({}, FontRole::Secondary, Token::Muted, m_row);
    m_minus = toolButton(QStringLiteral("minus"), tr("Zoom out"), m_row);
    m_plus = toolButton(QStringLiteral("plus"), tr("Zoom in"), m_row);
    auto* row = new QHBoxLayout(m_row);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    row->addWidget(m_back);
    row->addWidget(m_size, 1);
    for (QWidget* widget : {static_cast<QWidget*>(m_minus), static_cast<QWidget*>(m_zoom), static_cast<QWidget*>(m_plus)}) row->addWidget(widget);
    connect(m_back, &QToolButton::clicked, this, [this] { showItem(-1); });
    connect(m_minus, &QToolButton::clicked, m_picture, &PictureView::zoomOut);
    connect(m_plus, &QToolButton::clicked, m_picture, &PictureView::zoomIn);
    connect(m_picture, &PictureView::zoomChanged, this, &ValuePreview::updateRow);
    return m_row;
}

void ValuePreview::applyFonts()
{
    const Theme& theme = Theme::of();
    QFont large = theme.font(FontRole::Mono);
    large.setPixelSize(m_compact ? 20 : 32);
    m_number->setFont(large);
    m_text->setFont(theme.font(FontRole::Mono));
}

// ---- what is asked ----

void ValuePreview::setValue(const types::ObjectAddress& object, int attempt)
{
    if (m_object && same(*m_object, object) && m_attempt == attempt) return;
    m_object = object;
    m_attempt = attempt;
    m_item = object.item;
    m_itemCount = -1;
    ask();
}

void ValuePreview::clear(const QString& why)
{
    dropQuestion();
    m_object.reset();
    m_item = m_itemCount = -1;
    m_due = false;
    m_preview.reset();
    m_problem.clear();
    say(why);
    Q_EMIT previewChanged();
}

void ValuePreview::showItem(qint64 item)
{
    if (!m_object || item == m_item) return;
    m_item = item;
    ask();
}

void ValuePreview::setCompact(bool compact)
{
    m_compact = compact;
    applyFonts();
    updateRow();
}

int ValuePreview::pixels() const { return m_compact ? 256 : static_cast<int>(kPreviewPixelsMax); }

void ValuePreview::dropQuestion()
{
    ++m_question;
    if (const Ticket ticket = std::exchange(m_ticket, 0); ticket != 0) m_source.drop(ticket);
    delete std::exchange(m_encoded, nullptr);
}

void ValuePreview::ask()
{
    dropQuestion();
    m_due = !isVisible();
    if (m_due) return;
    types::PreviewWish wish;
    wish.object = *m_object;
    wish.object.item = m_item;
    wish.pixels = static_cast<std::uint32_t>(pixels());
    wish.rows = kPreviewRowsMax;
    wish.textBytes = kPreviewTextMax;
    const std::uint64_t number = m_question;
    m_ticket = m_source.preview(wish, [self = QPointer<ValuePreview>(this), number](base::Result<types::Preview> answer) {
        if (self && self->m_question == number) self->take(std::move(answer));
    });
}

void ValuePreview::showEvent(QShowEvent*)
{
    if (m_due) ask();
}

// ---- what comes back ----

void ValuePreview::take(base::Result<types::Preview> answer)
{
    m_ticket = 0;
    ++m_question; // a second answer to the same question is none
    if (answer && isBytes(*answer)) return lookInside(std::move(*answer));
    if (answer) return showAnswer(std::move(*answer));
    m_preview.reset();
    m_problem = QString::fromStdString(answer.error().message);
    say(m_problem);
    Q_EMIT previewChanged();
}

// Bytes may be a picture that somebody has encoded; what the answer shows of them is for all others.
void ValuePreview::lookInside(types::Preview bytes)
{
    types::ObjectAddress object = *m_object;
    object.item = m_item;
    m_encoded = new EncodedPicture(m_source, object, pixels(), this);
    connect(m_encoded, &EncodedPicture::found, this, [this](QSize size) { // what was shown is another value
        m_preview.reset();
        m_problem.clear();
        say(tr("Reading a PNG of %1 × %2 pixels").arg(size.width()).arg(size.height()));
        Q_EMIT previewChanged();
    });
    connect(m_encoded, &EncodedPicture::ended, this, [this, preview = std::move(bytes)](EncodedPicture::End end, const QString& problem) mutable {
        using Kind = types::Preview::Kind;
        EncodedPicture& encoded = *std::exchange(m_encoded, nullptr);
        encoded.deleteLater();
        const QImage small = encoded.small(), whole = encoded.whole();
        types::Preview shown = std::move(preview);
        if (end != EncodedPicture::End::None) {
            shown.kind = end == EncodedPicture::End::Picture ? Kind::Image : Kind::None;
            shown.text = problem.toStdString();
        }
        if (end == EncodedPicture::End::Picture) {
            shown.width = static_cast<std::uint32_t>(small.width());
            shown.height = static_cast<std::uint32_t>(small.height());
            shown.fullWidth = static_cast<std::uint32_t>(whole.width());
            shown.fullHeight = static_cast<std::uint32_t>(whole.height());
            const auto* rows = reinterpret_cast<const std::byte*>(small.constBits());
            shown.pixels.assign(rows, rows + small.sizeInBytes());
            shown.facts.emplace_back("png", std::to_string(whole.width()) + " x " + std::to_string(whole.height()));
        }
        showAnswer(std::move(shown), whole);
    });
    m_encoded->start();
}

void ValuePreview::showAnswer(types::Preview preview, const QImage& whole)
{
    m_problem.clear();
    m_preview = std::move(preview);
    if (m_preview->kind == types::Preview::Kind::List) m_itemCount = static_cast<qint64>(m_preview->totalRows);
    display(*m_preview, whole);
    Q_EMIT previewChanged();
}

void ValuePreview::display(const types::Preview& preview, const QImage& whole)
{
    using Kind = types::Preview::Kind;
    switch (preview.kind) {
    case Kind::Image: displayPicture(preview, whole); return;
    case Kind::Number:
        m_number->setText(QString::fromStdString(preview.text));
        m_stack->setCurrentWidget(m_number);
        break;
    case Kind::Text:
        // A text is read whole; JSON and the like keep their lines.
        m_text->setLineWrapMode(preview.type == "string" ? QPlainTextEdit::WidgetWidth : QPlainTextEdit::NoWrap);
        m_text->setPlainText(QString::fromStdString(preview.text));
        m_stack->setCurrentWidget(m_text);
        break;
    case Kind::Table:
        m_table->set(preview.columns, preview.rows);
        m_stack->setCurrentWidget(m_grid);
        fitColumns(false);
        break;
    case Kind::List: displayList(preview); break;
    case Kind::None: say(!preview.text.empty() ? QString::fromStdString(preview.text) : preview.type.empty() ? tr("This value has no picture.") : QString::fromStdString(preview.type)); return;
    }
    updateRow();
}

void ValuePreview::displayPicture(const types::Preview& preview, const QImage& whole)
{
    const QImage image = toImage(preview);
    if (image.isNull()) return say(tr("This picture has no pixels."));
    const QSize full(static_cast<int>(preview.fullWidth), static_cast<int>(preview.fullHeight));
    delete std::exchange(m_strips, nullptr);
    if (full.width() > image.width() && !m_compact) {
        types::ObjectAddress object = *m_object;
        object.item = m_item;
        m_strips = whole.isNull() ? new PictureStrips(m_source, object, full, this) : new PictureStrips(m_source, whole, this);
    }
    m_picture->setStrips(m_strips);
    m_picture->setPicture(image, full);
    m_stack->setCurrentWidget(m_picture);
    updateRow();
}

// A line of the text is an item: its number, two spaces, what it is.
void ValuePreview::displayList(const types::Preview& preview)
{
    std::vector<std::vector<std::string>> rows;
    std::string_view text = preview.text;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto gap = line.find("  ");
        rows.push_back({std::string(line.substr(0, gap)), gap == std::string_view::npos ? std::string() : std::string(line.substr(gap + 2))});
    }
    m_table->set({tr("item").toStdString(), tr("value").toStdString()}, std::move(rows));
    m_stack->setCurrentWidget(m_grid);
    fitColumns(true);
}

void ValuePreview::fitColumns(bool stretchLast)
{
    const int character = QFontMetrics(Theme::of().font(FontRole::Mono)).horizontalAdvance(u'0');
    for (int column = 0; column < m_table->columnCount(); ++column)
        m_grid->setColumnWidth(column, std::clamp(m_table->charactersMost(column) * character + 2 * metric::kTextInset + 1, kColumnLeast, kColumnMost));
    m_grid->horizontalHeader()->setStretchLastSection(stretchLast);
}

void ValuePreview::say(const QString& sentence)
{
    m_sentence->setText(sentence);
    m_stack->setCurrentWidget(m_sentence);
    updateRow();
}

void ValuePreview::updateRow()
{
    using Kind = types::Preview::Kind;
    const bool picture = m_stack->currentWidget() == m_picture && m_preview;
    QStringList parts;
    if (m_item >= 0) parts << (m_itemCount > 0 ? tr("item %1 of %2").arg(countText(static_cast<std::uint64_t>(m_item) + 1), countText(static_cast<std::uint64_t>(m_itemCount))) : tr("item %1").arg(m_item + 1));
    if (picture) parts << QStringLiteral("%1 × %2").arg(m_preview->fullWidth).arg(m_preview->fullHeight);
    if (m_preview && (m_preview->kind == Kind::Table || m_preview->kind == Kind::List)) {
        const std::uint64_t shown = static_cast<std::uint64_t>(m_table->rowCount());
        const QString all = countText(m_preview->totalRows);
        if (shown < m_preview->totalRows) parts << tr("showing %1 of %2").arg(countText(shown), all);
        else parts << (m_preview->kind == Kind::List ? tr("%1 items").arg(all) : tr("%1 rows").arg(all));
    }
    m_size->setText(parts.join(QStringLiteral("  ·  ")));
    const double percent = m_picture->zoom() * 100;
    m_zoom->setText(tr("%1 %").arg(percent < 10 ? QString::number(percent, 'f', percent < 1 ? 1 : 0) : countText(static_cast<std::uint64_t>(percent + 0.5))));
    const bool zooms = picture && !m_compact;
    for (QWidget* widget : {static_cast<QWidget*>(m_zoom), static_cast<QWidget*>(m_minus), static_cast<QWidget*>(m_plus)}) widget->setVisible(zooms);
    m_back->setVisible(m_item >= 0 && m_object && m_object->item < 0);
    m_row->setVisible(m_back->isVisibleTo(m_row) || (!m_compact && !parts.isEmpty()));
}

QImage ValuePreview::image() const { return m_preview && m_stack->currentWidget() == m_picture ? m_picture->picture() : QImage(); }

} // namespace orrery::widgets
