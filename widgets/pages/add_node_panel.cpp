// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/add_node_panel.h"

#include "widgets/common/buttons.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/format.h"
#include "widgets/pages/token_page.h"

#include <QBoxLayout>
#include <QFormLayout>
#include <QScrollArea>
#include <QSpinBox>
#include <QStackedWidget>

namespace orrery::widgets {

namespace {
constexpr int kCpusMost = 4096;
constexpr std::uint64_t kStores[] = {0, 256ull << 20, 512ull << 20, 1ull << 30, 2ull << 30, 4ull << 30, 8ull << 30};
}

AddNodePanel::AddNodePanel(RunModel& run, QWidget* parent)
    : QWidget(parent), m_ways(new Segments(this)), m_pages(new QStackedWidget(this)), m_cpus(new QSpinBox(this)), m_store(new ComboButton({}, this)), m_add(new FlatButton(tr("Add a node"), FlatButton::Kind::Primary, this)), m_token(new TokenPage(run, this))
{
    setObjectName(QStringLiteral("addNode"));
    m_ways->add(tr("This computer"), tr("One more process here"));
    m_ways->add(tr("Token"), tr("Another machine joins over the network"));
    m_cpus->setRange(0, kCpusMost);
    m_cpus->setSpecialValueText(tr("its share"));
    m_cpus->setAccessibleName(tr("CPUs of the node"));
    m_store->setAccessibleName(tr("Object store of the node"));
    for (const auto bytes : kStores) m_store->addItem(bytes == 0 ? tr("its share") : bytesText(bytes), QVariant::fromValue<quint64>(bytes));
    m_add->setObjectName(QStringLiteral("add"));

    auto* words = new TextLabel(tr("A node more on this computer: a process of its own, with workers and a store, that can be lost without the others."), FontRole::Secondary, Token::Text, this);
    words->setWordWrap(true);
    auto* form = new QFormLayout;
    form->setHorizontalSpacing(12);
    form->setVerticalSpacing(8);
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    form->addRow(new TextLabel(tr("CPUs"), FontRole::Secondary, Token::Muted, this), m_cpus);
    form->addRow(new TextLabel(tr("Store"), FontRole::Secondary, Token::Muted, this), m_store);
    auto* here = new QWidget(this);
    auto* column = new QVBoxLayout(here);
    column->setContentsMargins(metric::kTextInset, 0, metric::kTextInset, 0);
    column->setSpacing(10);
    column->addWidget(words);
    column->addLayout(form);
    column->addWidget(m_add);
    column->addStretch(1);
    auto* scroll = new QScrollArea(this);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(m_token);
    m_pages->addWidget(here);
    m_pages->addWidget(scroll);

    auto* ways = new QHBoxLayout;
    ways->setContentsMargins(metric::kTextInset, 8, metric::kTextInset, 0);
    ways->addWidget(m_ways);
    ways->addStretch(1);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(10);
    all->addLayout(ways);
    all->addWidget(m_pages, 1);

    connect(m_ways, &Segments::chosen, m_pages, &QStackedWidget::setCurrentIndex);
    connect(m_add, &QPushButton::clicked, this, [this] { Q_EMIT addNodeRequested(m_cpus->value(), m_store->currentData().toULongLong()); });
    setWay(Token);
}

void AddNodePanel::setWay(Way way)
{
    m_ways->setCurrent(way);
    m_pages->setCurrentIndex(way);
}

void AddNodePanel::setCanAdd(const types::Can& can)
{
    m_add->setEnabled(can.yes);
    m_add->setToolTip(QString::fromStdString(can.why));
}

void AddNodePanel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    Q_EMIT shown();
}

} // namespace orrery::widgets
