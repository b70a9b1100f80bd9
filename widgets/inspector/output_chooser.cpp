// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/output_chooser.h"

#include "widgets/common/buttons.h"

#include <algorithm>

namespace orrery::widgets {

namespace {

constexpr int kAbove = 8; // of the page's padding; below, the preview has its own

} // namespace

OutputChooser::OutputChooser(QWidget* parent) : QWidget(parent), m_list(new ComboButton(tr("Output"), this))
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    connect(m_list, &QComboBox::activated, this, &OutputChooser::take);
    hide();
}

void OutputChooser::setOutputs(const QStringList& names, int current)
{
    m_current = current;
    if (names != m_names) {
        m_names = names;
        delete m_segments;
        m_segments = new Segments(this);
        m_segments->setAccessibleName(tr("Output"));
        connect(m_segments, &Segments::chosen, this, &OutputChooser::take);
        m_list->clear();
        for (const QString& name : names) m_segments->add(name);
        m_list->addItems(names);
        updateGeometry();
    }
    if (m_segments) m_segments->setCurrent(current);
    m_list->setCurrentIndex(current);
    setVisible(names.size() > 1);
    place();
}

void OutputChooser::take(int output)
{
    if (output == m_current) return;
    m_current = output;
    m_segments->setCurrent(output);
    m_list->setCurrentIndex(output);
    Q_EMIT chosen(output);
}

void OutputChooser::place()
{
    if (!m_segments) return;
    const QSize side = m_segments->sizeHint();
    const int room = width() - 2 * metric::kTextInset;
    const bool fits = side.width() <= room;
    m_segments->setVisible(fits);
    m_list->setVisible(!fits);
    m_segments->setGeometry(metric::kTextInset, kAbove, side.width(), side.height());
    m_list->setGeometry(metric::kTextInset, kAbove, std::min(m_list->sizeHint().width(), room), m_list->sizeHint().height());
}

QSize OutputChooser::sizeHint() const
{
    return {metric::kInspector, kAbove + std::max(m_segments ? m_segments->sizeHint().height() : 0, m_list->sizeHint().height())};
}

void OutputChooser::resizeEvent(QResizeEvent*) { place(); }

} // namespace orrery::widgets
