// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/value_page.h"

#include "widgets/common/buttons.h"
#include "widgets/common/format.h"
#include "widgets/common/section_head.h"
#include "widgets/common/value_preview.h"
#include "widgets/inspector/attempts_list.h"
#include "widgets/inspector/output_chooser.h"

#include <QBoxLayout>

#include <algorithm>

namespace orrery::widgets {

namespace {

constexpr int kPicture = 138, kPictureNarrow = 112, kNarrow = 316, kPictureAlone = 280, kTextHeight = 180,
              kSentence = 64, kFactsMin = 120;
constexpr int kAskingMs = 150; // what was shown stays so long while the next is asked for

QString objectWords(const QString& state)
{
    if (state == u"INLINE") return ValuePage::tr("inline");
    if (state == u"MEMORY") return ValuePage::tr("in memory");
    if (state == u"SPILLED") return ValuePage::tr("spilled");
    if (state == u"IN_FLIGHT") return ValuePage::tr("on its way");
    if (state == u"LOST") return ValuePage::tr("lost");
    return state == u"FREED" ? ValuePage::tr("freed") : state;
}

int nodeNumber(const RunModel& run, const QString& letter)
{
    for (const auto& node : run.nodes())
        if (RunModel::nodeLetter(node.node) == letter) return node.node;
    return -1;
}

} // namespace

ValuePage::ValuePage(RunModel& run, ByteSource& bytes, QWidget* parent)
    : QWidget(parent), m_run(run), m_outputs(new OutputChooser(this)), m_preview(new ValuePreview(bytes, this)),
      m_facts(new KeyValueList(KeyValueList::Values::AtRight, this)), m_top(new QWidget(this)),
      m_topRow(new QBoxLayout(QBoxLayout::LeftToRight, m_top)), m_buttons(new QWidget(this)),
      m_open(new FlatButton(QStringLiteral("eye"), tr("Open"), m_buttons)),
      m_save(new FlatButton(QStringLiteral("disk"), tr("Save..."), m_buttons)),
      m_whereHead(new SectionHead(tr("Where"), this)), m_where(new KeyValueList(KeyValueList::Values::InColumn, this)),
      m_attemptsHead(new SectionHead(tr("Attempts"), this)), m_attempts(new AttemptsList(run, this))
{
    m_open->setObjectName(QStringLiteral("openValue"));
    m_save->setObjectName(QStringLiteral("saveValue"));
    m_preview->setCompact(true);
    m_facts->setLines(true);
    m_facts->setInsets(0, 0);
    m_where->setInsets(30, metric::kTextInset);
    m_topRow->setContentsMargins(metric::kTextInset, 10, metric::kTextInset, 6);
    m_topRow->setSpacing(14);
    m_topRow->addWidget(m_preview);
    m_topRow->addWidget(m_facts, 1);
    m_topRow->setAlignment(m_preview, Qt::AlignTop);
    m_topRow->setAlignment(m_facts, Qt::AlignTop);
    m_top->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    auto* row = new QHBoxLayout(m_buttons);
    row->setContentsMargins(metric::kTextInset, 4, metric::kTextInset, 8);
    row->setSpacing(8);
    row->addWidget(m_open);
    row->addWidget(m_save);
    row->addStretch();
    m_whereHead->setBody(m_where);
    m_attemptsHead->setBody(m_attempts);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, metric::kPadding);
    column->setSpacing(0);
    for (QWidget* part : {static_cast<QWidget*>(m_outputs), m_top, m_buttons, static_cast<QWidget*>(m_whereHead), static_cast<QWidget*>(m_where),
                          static_cast<QWidget*>(m_attemptsHead), static_cast<QWidget*>(m_attempts)})
        column->addWidget(part);
    column->addStretch();

    connect(m_outputs, &OutputChooser::chosen, this, &ValuePage::outputChosen);
    connect(m_preview, &ValuePreview::previewChanged, this, &ValuePage::takePreview);
    connect(m_open, &FlatButton::clicked, this, [this] {
        if (m_value) Q_EMIT openRequested(m_value->address, m_value->fileName);
    });
    connect(m_save, &FlatButton::clicked, this, [this] {
        if (m_value) Q_EMIT saveRequested(m_value->address, m_value->fileName);
    });
    connect(m_where, &KeyValueList::linkActivated, this, &ValuePage::producerRequested);
    m_asking.setSingleShot(true);
    m_asking.setInterval(kAskingMs);
    connect(&m_asking, &QTimer::timeout, this, [this] { showNoValue({}); });
    showNoValue({});
}

void ValuePage::showAsking()
{
    if (!m_asking.isActive()) m_asking.start();
}

void ValuePage::showParts(bool value)
{
    if (!value) m_outputs->setOutputs({}, 0);
    m_preview->setVisible(true);
    m_top->setVisible(true);
    m_buttons->setVisible(value);
    m_whereHead->setVisible(value);
    m_where->setVisible(value && m_whereHead->isOpen());
}

void ValuePage::showValue(const Value& value, const ResultFacts* object)
{
    m_asking.stop();
    m_value = value;
    showParts(true);
    m_outputs->setOutputs(value.outputs, value.address.output);
    m_preview->setValue(value.address, value.attempt);
    QList<KeyValue> rows;
    if (object) {
        rows << KeyValue{tr("object"), idText(object->id)};
        KeyValue on{tr("on"), objectWords(object->state)};
        on.node = nodeNumber(m_run, object->node);
        on.nodeLetter = object->node;
        on.prose = true;
        if (object->refs > 0) on.note = object->refs == 1 ? tr("1 reader") : tr("%1 readers").arg(object->refs);
        rows << on;
    }
    KeyValue producer{tr("producer"), value.producer};
    producer.link = true;
    rows << producer;
    m_where->setRows(rows);
    takePreview();
}

void ValuePage::showNoValue(const QString& why)
{
    m_asking.stop();
    m_value.reset();
    showParts(false);
    m_preview->clear(why);
    m_facts->setRows({});
    place();
}

void ValuePage::showSummary(const QList<KeyValue>& rows)
{
    m_asking.stop();
    m_value.reset();
    showParts(false);
    m_preview->clear();
    m_preview->setVisible(false);
    m_facts->setRows(rows);
    m_facts->setVisible(true);
    m_topRow->setDirection(QBoxLayout::TopToBottom);
}

void ValuePage::setAttempts(std::vector<AttemptFacts> attempts, const QString& cause)
{
    const bool any = !attempts.empty();
    m_attemptsHead->setValue(any ? QString::number(attempts.size()) : QString());
    m_attempts->setAttempts(std::move(attempts), cause);
    m_attemptsHead->setVisible(any);
    m_attempts->setVisible(any && m_attemptsHead->isOpen());
}

const QList<KeyValue>& ValuePage::facts() const
{
    return m_facts->rows();
}

const QList<KeyValue>& ValuePage::where() const
{
    return m_where->rows();
}

void ValuePage::takePreview()
{
    if (!m_value) return;
    QList<KeyValue> rows;
    if (const auto& preview = m_preview->preview()) {
        const QString type = QString::fromStdString(preview->type);
        rows << KeyValue{tr("type"), type.section(QLatin1Char(' '), 0, 0)};
        for (const auto& [name, value] : preview->facts)
            if (name != "type" && name != "bytes")
                rows << KeyValue{QString::fromStdString(name),
                                 QString::fromStdString(value).replace(u" x "_qs, u" × "_qs)};
        rows << KeyValue{tr("bytes"), bytesText(preview->bytes)};
    }
    m_facts->setRows(rows);
    place();
}

// A picture stands beside its facts; everything else takes the width and has its facts below.
void ValuePage::place()
{
    const int side = width() < kNarrow ? kPictureNarrow : kPicture;
    const bool picture = !m_preview->image().isNull() && width() >= side + kFactsMin + 40;
    m_topRow->setDirection(picture ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    m_preview->setFixedHeight(picture ? side : previewHeight());
    m_preview->setMinimumWidth(picture ? side : 0);
    m_preview->setMaximumWidth(picture ? side : QWIDGETSIZE_MAX);
    m_facts->setVisible(!m_facts->rows().isEmpty());
}

int ValuePage::previewHeight() const
{
    using Kind = types::Preview::Kind;
    if (!m_preview->image().isNull()) return std::clamp(width() - 2 * metric::kTextInset, 40, kPictureAlone);
    const auto& preview = m_preview->preview();
    if (!preview || preview->kind == Kind::Number) return kSentence;
    if (preview->kind != Kind::Text) return kTextHeight;
    const auto lines = std::count(preview->text.begin(), preview->text.end(), '\n') + 1;
    const bool wraps = preview->text.size() > 40 * static_cast<std::size_t>(lines);
    return wraps ? kTextHeight : std::min(kTextHeight, static_cast<int>(lines) * 18 + 16);
}

void ValuePage::resizeEvent(QResizeEvent*)
{
    if (m_preview->isVisible()) place();
}

} // namespace orrery::widgets
