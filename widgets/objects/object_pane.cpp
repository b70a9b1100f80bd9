// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/objects/object_pane.h"

#include "widgets/common/buttons.h"
#include "widgets/common/chips.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/format.h"

#include <QPainter>
#include <QPointer>
#include <QProgressBar>
#include <QVBoxLayout>

namespace orrery::widgets {

namespace {

constexpr int kAskAgainFactsMs = 500, kInset = 24, kValueColumn = 112, kPreviewLeast = 160, kFactsFromHeight = 360;

class Line final : public QWidget {
public:
    explicit Line(QWidget* parent) : QWidget(parent) { setFixedHeight(1); }

protected:
    void paintEvent(QPaintEvent*) override { QPainter(this).fillRect(rect(), color(Token::LineInside)); }
};

} // namespace

ObjectPane::ObjectPane(RunModel& run, RowSource& rows, ByteSource& bytes, QWidget* parent) : QWidget(parent), m_run(run), m_rows(rows), m_bytes(bytes)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 8, 0, 0);
    column->setSpacing(0);
    auto* titles = new QHBoxLayout;
    titles->setContentsMargins(kInset, 0, kInset, 8);
    auto* names = new QVBoxLayout;
    names->setSpacing(2);
    m_title = new ElidedLabel({}, FontRole::Heading, Token::Text, this);
    m_id = new ElidedLabel({}, FontRole::Mono, Token::Muted, this);
    m_type = new TypeTag({}, this);
    names->addWidget(m_title);
    names->addWidget(m_id);
    titles->addLayout(names, 1);
    titles->addWidget(m_type, 0, Qt::AlignTop);
    column->addLayout(titles);
    m_preview = new ValuePreview(bytes, this);
    auto* place = new QVBoxLayout;
    place->setContentsMargins(kInset, 0, kInset, 4);
    place->addWidget(m_preview);
    column->addLayout(place, 1000); // what it may not take is left between facts and buttons
    makeFacts(column);
    column->addStretch(1);
    makeButtons(column);
    m_refresh = new Refresh(this, kAskAgainFactsMs, [this] { ask(); });
    connect(&run, &RunModel::rowsChanged, this, [this] { m_refresh->ask(); });
    connect(m_preview, &ValuePreview::previewChanged, this, &ObjectPane::fitPreview);
    connect(m_preview, &ValuePreview::previewChanged, this, &ObjectPane::showFacts);
    showFacts();
    m_preview->clear(tr("Choose an object to see it."));
}

ObjectPane::~ObjectPane()
{
    if (m_ticket != 0) m_rows.drop(m_ticket);
}

void ObjectPane::makeFacts(QVBoxLayout* column)
{
    column->addWidget(new Line(this));
    m_list = new KeyValueList(KeyValueList::Values::InColumn, this);
    m_list->setInsets(kInset, kInset);
    m_list->setColumn(kValueColumn);
    column->addWidget(m_list);
    connect(m_list, &KeyValueList::linkActivated, this, [this] {
        if (m_facts) Q_EMIT producerChosen(m_facts->object.task, m_facts->vertex);
    });
}

void ObjectPane::makeButtons(QVBoxLayout* column)
{
    m_progressRow = new QWidget(this);
    auto* progress = new QHBoxLayout(m_progressRow);
    progress->setContentsMargins(kInset, 4, kInset - 4, 4);
    m_progressText = new ElidedLabel({}, FontRole::Secondary, Token::Muted, m_progressRow);
    m_progress = new QProgressBar(m_progressRow);
    m_progress->setTextVisible(false);
    m_progress->setFixedWidth(128);
    auto* cancel = toolButton(QStringLiteral("close"), tr("Cancel saving"), m_progressRow);
    progress->addWidget(m_progressText, 1);
    progress->addWidget(m_progress);
    progress->addWidget(cancel);
    connect(cancel, &QToolButton::clicked, this, &ObjectPane::cancelSave);
    m_progressRow->hide();

    auto* row = new QHBoxLayout;
    row->setContentsMargins(metric::kPadding, 8, metric::kPadding, 12);
    row->setSpacing(8);
    m_open = new FlatButton(QStringLiteral("eye"), tr("Open"), this);
    m_saveAs = new FlatButton(QStringLiteral("disk"), tr("Save…"), this);
    row->addSpacing(kInset - metric::kPadding);
    row->addWidget(m_open);
    row->addWidget(m_saveAs);
    row->addStretch(1);
    column->addWidget(m_progressRow);
    column->addWidget(new Line(this));
    column->addLayout(row);
    connect(m_open, &QPushButton::clicked, this, [this] {
        if (const auto where = address()) open(*where, m_facts->fileName(m_run));
    });
    connect(m_saveAs, &QPushButton::clicked, this, [this] {
        if (const auto where = address()) save(*where, m_facts->fileName(m_run));
    });
}

std::optional<types::ObjectAddress> ObjectPane::address() const
{
    const auto* run = m_run.shownRun();
    if (run == nullptr || !m_facts) return std::nullopt;
    return types::ObjectAddress{run->id, m_facts->object.task.row, m_facts->object.output, m_preview->item()};
}

// ---- what is asked ----

void ObjectPane::setObject(const std::optional<ObjectRef>& object)
{
    if (object == m_object) return;
    m_object = object;
    if (!object) {
        m_facts.reset();
        m_preview->clear(tr("Choose an object to see it."));
        showFacts();
    }
    if (isVisible()) m_refresh->now();
    else m_refresh->ask();
}

void ObjectPane::ask()
{
    ++m_number;
    if (const Ticket ticket = std::exchange(m_ticket, 0); ticket != 0) m_rows.drop(ticket);
    const auto* run = m_run.shownRun();
    if (!m_object || run == nullptr) return;
    const std::uint64_t number = m_number;
    m_ticket = m_rows.ask(ObjectFacts::query(run->id, *m_object), [self = QPointer<ObjectPane>(this), number](base::Result<types::Page> answer) {
        if (self && self->m_number == number) self->take(std::move(answer));
    });
}

void ObjectPane::take(base::Result<types::Page> answer)
{
    m_ticket = 0;
    ++m_number;
    if (!answer) {
        m_preview->clear(QString::fromStdString(answer.error().message));
        return;
    }
    m_facts = ObjectFacts::of(*answer, m_run);
    if (!m_facts) m_preview->clear(tr("This task has no result yet."));
    else if (m_facts->state == QStringLiteral("FREED")) m_preview->clear(tr("Freed: no task needs this value any more."));
    else if (m_facts->state == QStringLiteral("LOST")) m_preview->clear(tr("Lost: its last copy is gone. It is computed again when a task needs it."));
    else m_preview->setValue({m_run.shownRun()->id, m_facts->object.task.row, m_facts->object.output, -1}, m_facts->attempt);
    showFacts();
}

// A picture takes the height it needs at this width, no more; all else takes what there is.
void ObjectPane::fitPreview()
{
    int most = QWIDGETSIZE_MAX;
    if (const auto& preview = m_preview->preview(); preview && preview->kind == types::Preview::Kind::Image && preview->fullWidth > 0) {
        const int wide = width() - 2 * kInset;
        most = static_cast<int>(std::min<std::uint64_t>(std::uint64_t{preview->fullHeight} * static_cast<std::uint64_t>(std::max(1, wide)) / preview->fullWidth, 4096)) + metric::kRow;
        most = std::clamp(most, kPreviewLeast, wide + metric::kRow);
    }
    m_preview->setMaximumHeight(most);
}

void ObjectPane::resizeEvent(QResizeEvent*)
{
    fitPreview();
    m_list->setVisible(height() >= kFactsFromHeight);
}

void ObjectPane::showFacts()
{
    const bool known = m_facts.has_value();
    m_title->setText(known ? m_facts->producer : QString());
    m_id->setText(known ? idText(m_facts->id) : QString());
    m_type->setText(known ? m_facts->type : QString());
    m_type->setVisible(known);
    static const std::vector<std::pair<std::string, std::string>> kNone;
    m_list->setRows(known ? m_facts->rows(m_preview->preview() ? m_preview->preview()->facts : kNone) : QList<KeyValue>());
    const bool usable = known && !m_facts->isGone() && m_file == nullptr;
    const QString why = m_file != nullptr ? tr("A value is being saved.") : known ? tr("The value is gone.") : tr("No object is chosen.");
    for (FlatButton* button : {m_open, m_saveAs}) {
        button->setEnabled(usable);
        button->setToolTip(usable ? QString() : why);
    }
}

} // namespace orrery::widgets
