// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/omnibox.h"

#include "widgets/common/search_field.h"
#include "widgets/common/theme.h"
#include "widgets/pages/line_delegate.h"
#include "widgets/pages/omnibox_model.h"

#include <QApplication>
#include <QBoxLayout>
#include <QFrame>
#include <QKeyEvent>
#include <QListView>

#include <algorithm>

namespace orrery::widgets {

namespace {

constexpr int kRowsShown = 14, kWidthMin = 480;
constexpr std::uint32_t kAsked = 50; // rows of a table

// A panel with a line round it, over the window.
class Popup final : public QWidget {
public:
    using QWidget::QWidget;

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(color(Token::Border), 1));
        painter.setBrush(color(Token::Panel));
        painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    }
};

} // namespace

Omnibox::Omnibox(GraphModel& graph, RunModel& run, Selection& selection, RowSource& rows, QWidget* parent)
    : QWidget(parent), m_graph(graph), m_run(run), m_selection(selection), m_rows(rows),
      m_field(new SearchField(tr("Search   > command   @ task   # object   ! problem"), tr("Ctrl+K"), this)),
      m_popup(new Popup(this)), m_list(new QListView(m_popup)), m_model(new OmniboxModel(this))
{
    m_field->setTall(true);
    m_field->setAccessibleName(tr("Search everything"));
    m_field->installEventFilter(this);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_field);
    setFocusProxy(m_field);

    m_list->setModel(m_model);
    m_list->setItemDelegate(new LineDelegate(m_list));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setUniformItemSizes(true);
    m_list->setMouseTracking(true);
    m_list->setFocusPolicy(Qt::NoFocus); // one goes on typing
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setAccessibleName(tr("Found"));
    auto* column = new QVBoxLayout(m_popup);
    column->setContentsMargins(1, 4, 1, 4);
    column->addWidget(m_list);
    m_popup->hide();

    connect(qApp, &QApplication::focusChanged, this, [this](QWidget* before, QWidget* now) {
        if (now == m_field && before) m_before = before;
    });
    connect(m_field, &QLineEdit::textChanged, this, &Omnibox::search);
    connect(m_list, &QListView::clicked, this, [this](const QModelIndex& index) { choose(index.row()); });
}

Omnibox::~Omnibox()
{
    disconnect(qApp, nullptr, this, nullptr); // ~QWidget() gives the focus away, when nothing of this is left
    if (m_ticket != 0) m_rows.drop(m_ticket);
    delete m_popup.data();
}

QSize Omnibox::sizeHint() const
{
    return {kWidthMin, metric::kToolButton};
}

void Omnibox::setActions(const QList<QAction*>& actions)
{
    m_actions.clear();
    for (QAction* action : actions) m_actions << action;
}

void Omnibox::open(const QString& prefix)
{
    m_field->setFocus(Qt::ShortcutFocusReason);
    if (prefix.isEmpty()) m_field->selectAll();
    else m_field->setText(prefix);
    search();
}

void Omnibox::search()
{
    if (!m_field->hasFocus()) return;
    if (m_ticket != 0) m_rows.drop(std::exchange(m_ticket, 0));
    const QString text = m_field->text();
    const QChar prefix = text.isEmpty() ? QChar() : text[0];
    const QString rest = text.mid(1).trimmed();
    if (prefix == u'@') return ask(QStringLiteral("tasks"), rest);
    if (prefix == u'#') return ask(QStringLiteral("objects"), rest);
    if (prefix == u'!') {
        m_model->setHits(findProblems(m_graph, rest));
        showPopup();
        return ask(QStringLiteral("tasks"), rest.isEmpty() ? QStringLiteral("state = FAILED")
                                                           : QStringLiteral("state = FAILED and (%1)").arg(rest));
    }
    std::vector<Hit> hits = findActions(m_actions, prefix == u'>' ? rest : text);
    if (prefix != u'>') {
        std::vector<Hit> vertices = findVertices(m_graph, text);
        hits.insert(hits.end(), std::make_move_iterator(vertices.begin()), std::make_move_iterator(vertices.end()));
    }
    show(std::move(hits));
}

void Omnibox::show(std::vector<Hit> hits)
{
    if (hits.empty() && m_field->text().trimmed().isEmpty()) return hidePopup();
    if (hits.empty()) {
        Hit none;
        none.text = tr("Nothing matches \"%1\".").arg(m_field->text());
        none.disabled = true;
        hits.push_back(std::move(none));
    }
    m_model->setHits(std::move(hits));
    showPopup();
}

void Omnibox::ask(const QString& table, const QString& filter)
{
    const auto* run = m_run.shownRun();
    if (!run) {
        Hit none;
        none.text = tr("No run yet. F5 starts one.");
        none.disabled = true;
        std::vector<Hit> hits =
            m_field->text().startsWith(u'!') ? findProblems(m_graph, m_field->text().mid(1)) : std::vector<Hit>();
        if (hits.empty()) hits.push_back(none);
        return show(std::move(hits));
    }
    types::Query query;
    query.table = table.toStdString();
    query.run = run->id;
    query.filter = filter.toStdString();
    query.count = kAsked;
    m_ticket = m_rows.ask(query, [this, table](base::Result<types::Page> page) { answered(table, page); });
}

void Omnibox::answered(const QString& table, const base::Result<types::Page>& page)
{
    m_ticket = 0;
    if (!m_field->hasFocus()) return;
    const bool problems = m_field->text().startsWith(u'!');
    std::vector<Hit> hits = problems ? findProblems(m_graph, m_field->text().mid(1).trimmed()) : std::vector<Hit>();
    if (!page) {
        Hit why; // a filter that is not complete yet, said in its own words
        why.text = QString::fromStdString(page.error().message);
        why.icon = QStringLiteral("warn");
        why.disabled = true;
        if (hits.empty()) hits.push_back(std::move(why));
        return show(std::move(hits));
    }
    for (Hit& hit : hitsOfPage(*page, table == u"objects", m_run)) hits.push_back(std::move(hit));
    if (hits.empty() && problems) {
        Hit none;
        none.text = tr("No problem in the graph, no failed task.");
        none.disabled = true;
        hits.push_back(std::move(none));
    }
    show(std::move(hits));
}

void Omnibox::showPopup()
{
    QWidget* top = window();
    if (m_popup->parentWidget() != top) m_popup->setParent(top);
    const int rows = std::clamp(m_model->rowCount(), 1, kRowsShown);
    const QPoint at = m_field->mapTo(top, QPoint(0, m_field->height() + 4));
    const int width = std::min(std::max(m_field->width(), kWidthMin), top->width() - 16);
    const int left = std::clamp(at.x(), 8, std::max(8, top->width() - width - 8));
    m_popup->setGeometry(left, at.y(), width, std::min(rows * metric::kRow + 8, top->height() - at.y() - 8));
    m_popup->show();
    m_popup->raise();
    for (int row = 0; row < m_model->rowCount(); ++row) { // the first that can be chosen
        if (m_model->hit(row)->disabled) continue;
        m_list->setCurrentIndex(m_model->index(row));
        break;
    }
}

void Omnibox::hidePopup()
{
    if (m_ticket != 0) m_rows.drop(std::exchange(m_ticket, 0));
    m_popup->hide();
}

void Omnibox::move(int by)
{
    if (m_model->rowCount() == 0) return;
    const int row = std::clamp(m_list->currentIndex().row() + by, 0, m_model->rowCount() - 1);
    m_list->setCurrentIndex(m_model->index(row));
}

void Omnibox::choose(int row)
{
    const Hit* found = m_model->hit(row);
    if (!found || found->disabled) return;
    const Hit hit = *found;
    hidePopup();
    m_field->clear();
    leave();
    switch (hit.kind) {
    case Hit::Kind::Action:
        if (hit.action) Q_EMIT actionChosen(hit.action);
        return;
    case Hit::Kind::Vertex: m_selection.selectVertices({hit.vertex}); break;
    case Hit::Kind::Task: m_selection.selectTask(hit.task, hit.vertex); break;
    case Hit::Kind::Object: m_selection.selectObject({hit.task, hit.output}, hit.vertex); break;
    case Hit::Kind::Problem:
        if (!hit.vertex.isEmpty()) m_selection.selectVertices({hit.vertex});
        Q_EMIT problemChosen(hit.pointer);
        break;
    case Hit::Kind::Note: return;
    }
    m_selection.reveal();
}

void Omnibox::leave()
{
    hidePopup();
    m_field->clearFocus();
    if (m_before) m_before->setFocus(Qt::OtherFocusReason);
}

bool Omnibox::eventFilter(QObject* object, QEvent* event)
{
    if (object != m_field) return QWidget::eventFilter(object, event);
    if (event->type() == QEvent::FocusIn) {
        // Reached by Tab, or given to the window at first, it waits for a word.
        const auto reason = static_cast<QFocusEvent*>(event)->reason();
        if (reason == Qt::MouseFocusReason || reason == Qt::ShortcutFocusReason)
            QMetaObject::invokeMethod(this, &Omnibox::search, Qt::QueuedConnection);
        return false;
    }
    if (event->type() == QEvent::FocusOut) {
        hidePopup();
        return false;
    }
    if (event->type() != QEvent::KeyPress && event->type() != QEvent::ShortcutOverride) return false;
    const auto* key = static_cast<QKeyEvent*>(event);
    const bool press = event->type() == QEvent::KeyPress;
    switch (key->key()) {
    case Qt::Key_Down:
        if (press && !m_popup->isVisible()) search();
        else if (press) move(1);
        return true;
    case Qt::Key_Up:
        if (press) move(-1);
        return true;
    case Qt::Key_PageDown:
        if (press) move(kRowsShown);
        return true;
    case Qt::Key_PageUp:
        if (press) move(-kRowsShown);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (press) choose(m_list->currentIndex().row());
        return true;
    case Qt::Key_Escape:
        if (!press) {
            event->accept();
            return true;
        }
        if (m_field->text().isEmpty()) leave();
        else m_field->clear();
        return true;
    default: return false;
    }
}

} // namespace orrery::widgets
