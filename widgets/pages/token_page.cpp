// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/pages/token_page.h"

#include "widgets/common/buttons.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/format.h"
#include "widgets/common/house_paint.h"
#include "widgets/common/icons.h"
#include "widgets/common/key_value_list.h"
#include "widgets/common/section_head.h"
#include "widgets/pages/code_box.h"
#include "widgets/pages/state_rows.h"

#include <QBoxLayout>
#include <QClipboard>
#include <QGuiApplication>
#include <QPainter>
#include <QProgressBar>

#include <algorithm>

namespace orrery::widgets {

namespace {

using types::TaskState;

constexpr int kRefreshMs = 250;
constexpr int kTokenHead = 14, kTokenTail = 4; // characters of a secret that are shown
constexpr types::TimeNs kEndedShownNs = 3600 * base::kSecond;
constexpr const char* kRoles[] = {"node", "viewer", "operator", "admin"};

class Framed final : public QWidget {
public:
    using QWidget::QWidget;

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        paint::fillRound(painter, rect(), color(Token::Window));
        paint::strokeRound(painter, rect(), color(Token::Border));
    }
};

QString shortId(const std::string& id)
{
    const QString whole = QString::fromStdString(id);
    return whole.size() <= 10 ? whole : whole.left(4) + u'…' + whole.right(4);
}

QString seconds(types::TimeNs ns) { return QStringLiteral("%1 s").arg(static_cast<double>(ns) / base::kSecond, 0, 'f', 1); }

QHBoxLayout* rowOf(std::initializer_list<QWidget*> widgets)
{
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    for (auto* widget : widgets) row->addWidget(widget);
    row->addStretch(1);
    return row;
}

} // namespace

TokenPage::TokenPage(RunModel& run, QWidget* parent)
    : QWidget(parent), m_run(run), m_words(new TextLabel({}, FontRole::Secondary, Token::Text, this)), m_host(new ComboButton(tr("At"), this)),
      m_open(new FlatButton(tr("Open a port"), FlatButton::Kind::Primary, this)), m_for(new ComboButton(tr("For"), this)), m_make(new FlatButton(tr("Make a token"), FlatButton::Kind::Primary, this)), m_code(new CodeBox(this)),
      m_copy(new FlatButton(tr("Copy command"), FlatButton::Kind::Primary, this)), m_show(new FlatButton(QStringLiteral("eye"), tr("Show token"), this)), m_valid(new Framed(this)), m_left(new TextLabel({}, FontRole::Heading, Token::Text, m_valid)),
      m_bar(new QProgressBar(m_valid)), m_problem(new TextLabel({}, FontRole::Secondary, Token::Text, this)), m_facts(new KeyValueList(KeyValueList::Values::InColumn, this)), m_tokensHead(new SectionHead(tr("Tokens"), this)),
      m_tokenRows(new StateRows(tr("Tokens"), this)), m_joinHead(new SectionHead(tr("Joining"), this)), m_joinRows(new StateRows(tr("Steps of the newest joining"), this))
{
    m_words->setWordWrap(true);
    m_problem->setWordWrap(true);
    m_problem->setObjectName(QStringLiteral("problem"));
    m_host->setAccessibleName(tr("Address at which the head listens"));
    m_for->setAccessibleName(tr("Who joins with the token"));
    for (const auto& [role, words] : {std::pair{kRoles[0], tr("a machine")}, {kRoles[1], tr("a person who looks")}, {kRoles[2], tr("a person who runs")}, {kRoles[3], tr("a person who may do all")}}) m_for->addItem(words, QString::fromLatin1(role));
    m_copy->setIcon(icon(QStringLiteral("copy"), Token::OnAccent));
    m_show->setCheckable(true);
    m_code->setAccessibleName(tr("Command for the machine that joins"));
    m_facts->setColumn(76);
    m_bar->setTextVisible(false);
    m_bar->setFixedHeight(4);
    m_bar->setAccessibleName(tr("Time left of the token"));

    auto* head = new QHBoxLayout;
    head->addWidget(new TextLabel(tr("Token valid for"), FontRole::Secondary, Token::Muted, m_valid), 1);
    head->addWidget(m_left);
    auto* revoke = new TextLabel(QStringLiteral("<a href='revoke' style='text-decoration:none'>%1</a>").arg(tr("Revoke")), FontRole::Secondary, Token::Text, m_valid);
    revoke->setTextInteractionFlags(Qt::LinksAccessibleByMouse | Qt::LinksAccessibleByKeyboard);
    revoke->setObjectName(QStringLiteral("revoke"));
    auto* foot = new QHBoxLayout;
    foot->addWidget(new TextLabel(tr("single use, 15 minutes"), FontRole::Caption, Token::Muted, m_valid), 1);
    foot->addWidget(revoke);
    auto* valid = new QVBoxLayout(m_valid);
    valid->setContentsMargins(10, 6, 10, 6);
    valid->setSpacing(4);
    valid->addLayout(head);
    valid->addWidget(m_bar);
    valid->addLayout(foot);

    auto* top = new QVBoxLayout;
    top->setContentsMargins(metric::kTextInset, 0, metric::kTextInset, 4);
    top->setSpacing(10);
    top->addWidget(m_words);
    top->addLayout(rowOf({m_host, m_open}));
    top->addLayout(rowOf({m_for}));
    top->addLayout(rowOf({m_make}));
    top->addWidget(m_code);
    top->addLayout(rowOf({m_copy, m_show}));
    top->addWidget(m_valid);
    top->addWidget(m_problem);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addLayout(top);
    column->addWidget(m_facts);
    column->addWidget(m_tokensHead);
    column->addWidget(m_tokenRows);
    column->addWidget(m_joinHead);
    column->addWidget(m_joinRows);
    column->addStretch(1);
    m_tokensHead->setBody(m_tokenRows);
    m_joinHead->setBody(m_joinRows);

    connect(m_open, &QPushButton::clicked, this, [this] { Q_EMIT portWanted(m_host->currentData().toString()); });
    connect(m_make, &QPushButton::clicked, this, [this] { Q_EMIT tokenWanted(m_for->currentData().toString()); });
    connect(m_copy, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(command()); });
    connect(m_show, &QPushButton::toggled, this, [this](bool shown) {
        m_shown = shown;
        m_refresh->now();
    });
    connect(revoke, &QLabel::linkActivated, this, [this] { Q_EMIT revokeWanted(m_mine); });
    m_refresh = new Refresh(this, kRefreshMs, [this] { refresh(); });
    connect(&m_run, &RunModel::nodesChanged, m_refresh, [this] { m_refresh->ask(); });
    connect(&m_run, &RunModel::linkChanged, m_refresh, [this] { m_refresh->ask(); });
    refresh();
}

void TokenPage::setNetwork(const types::NetworkInfo& network, const std::vector<types::TokenInfo>& tokens)
{
    m_told = true;
    m_network = network;
    // The answer may be older than the token that was made meanwhile.
    const auto* own = mine();
    const bool lacks = own && std::none_of(tokens.begin(), tokens.end(), [own](const auto& token) { return token.id == own->id; });
    auto all = tokens;
    if (lacks) all.insert(all.begin(), *own);
    m_tokens = std::move(all);
    if (!network.hosts.empty()) {
        const QVariant before = m_host->currentData();
        m_host->clear();
        const auto add = [this](const QString& host, const QString& words) { m_host->addItem(words, host + QStringLiteral(":0")); };
        for (const auto& host : network.hosts) add(QString::fromStdString(host), QString::fromStdString(host));
        if (network.hosts.size() > 1) add(QStringLiteral("0.0.0.0"), tr("all addresses"));
        if (std::find(network.hosts.begin(), network.hosts.end(), "127.0.0.1") == network.hosts.end()) add(QStringLiteral("127.0.0.1"), tr("this computer only"));
        m_host->setCurrentIndex(std::max(0, m_host->findData(before)));
    }
    m_refresh->now();
}

void TokenPage::setToken(const types::TokenInfo& token, const QString& secret)
{
    m_mine = QString::fromStdString(token.id);
    m_role = QString::fromStdString(token.role);
    m_secret = secret;
    m_shown = false;
    m_show->setChecked(false);
    std::erase_if(m_tokens, [&token](const auto& known) { return known.id == token.id; });
    m_tokens.insert(m_tokens.begin(), token);
    m_refresh->now();
}

void TokenPage::setProblem(const QString& sentence)
{
    m_problem->setText(sentence);
    m_problem->setVisible(!sentence.isEmpty());
}

bool TokenPage::hasOpenTokens() const
{
    return std::any_of(m_tokens.begin(), m_tokens.end(), [](const auto& token) { return token.state == "OPEN"; });
}

// By standard input, so that no list of processes shows it.
QString TokenPage::command() const
{
    if (!mine()) return {};
    return QStringLiteral("echo %1 |\n  %2").arg(m_secret, m_role == u"node" ? QStringLiteral("orreryd node --join -") : QStringLiteral("orreryctl join -"));
}

const types::TokenInfo* TokenPage::mine() const
{
    if (m_secret.isEmpty()) return nullptr;
    const auto found = std::find_if(m_tokens.begin(), m_tokens.end(), [this](const auto& token) { return QString::fromStdString(token.id) == m_mine; });
    return found != m_tokens.end() && found->state == "OPEN" && found->expiresWallNs > wallNs() ? &*found : nullptr;
}

types::TimeNs TokenPage::wallNs() const { return m_run.nowNs() + m_run.wallOffsetNs(); }

void TokenPage::refresh()
{
    const bool up = m_run.link() == LinkState::Up && m_told;
    const bool listens = up && !m_network.address.empty();
    const types::TimeNs now = wallNs();
    if (!mine()) {
        m_secret.clear();
        m_code->setText({});
        m_shown = false;
        m_show->setChecked(false);
    }
    const bool has = listens && !m_secret.isEmpty();
    m_words->setText(m_run.link() != LinkState::Up ? tr("The cluster is not there.")
                     : !m_told ? QString()
                     : !listens ? tr("No port is open: the nodes of the cluster are all on its head's computer. An open port lets in who has a token; both ends prove who they are, and it closes with the cluster.")
                     : has      ? (m_role == u"node" ? tr("Run this on the machine that joins:") : tr("The person who joins runs this:"))
                                : tr("A token lets one machine, or one person, join within 15 minutes."));
    m_host->setVisible(up && !listens);
    m_open->setVisible(up && !listens);
    m_for->setVisible(listens && !has);
    m_make->setVisible(listens && !has);
    for (QWidget* widget : {static_cast<QWidget*>(m_code), static_cast<QWidget*>(m_copy), static_cast<QWidget*>(m_show), m_valid}) widget->setVisible(has);
    m_problem->setVisible(!m_problem->text().isEmpty());
    if (has) showToken(now);
    m_facts->setVisible(listens);
    if (listens) {
        m_facts->setRows({{tr("role"), !has || m_role == u"node" ? tr("worker node") : m_role, {}, -1, {}, false, true},
                          {tr("address"), QString::fromStdString(m_network.address), {}, -1, {}, false, false},
                          {tr("listener"), m_network.enrol.empty() ? tr("closed until a token is made") : tr("open while a token is unspent"), {}, -1, {}, false, true},
                          {tr("transport"), tr("mutual TLS 1.3"), {}, -1, {}, false, true},
                          {tr("authority"), QString::fromStdString(m_network.fingerprint).left(19), {}, -1, {}, false, false}});
    }
    showTokens(now);
    showJoining();
}

void TokenPage::showToken(types::TimeNs wall)
{
    QString text = command();
    if (!m_shown) text.replace(m_secret, m_secret.left(kTokenHead) + u'…' + m_secret.right(kTokenTail));
    m_code->setText(text);
    m_show->setText(m_shown ? tr("Hide token") : tr("Show token"));
    const auto* token = mine();
    if (!token) return;
    const types::TimeNs left = std::max<types::TimeNs>(0, token->expiresWallNs - wall), whole = std::max<types::TimeNs>(1, token->expiresWallNs - token->madeWallNs);
    m_left->setText(remainingText(left));
    m_bar->setRange(0, 1000);
    m_bar->setValue(static_cast<int>(std::min<types::TimeNs>(1000, left * 1000 / whole)));
}

void TokenPage::showTokens(types::TimeNs wall)
{
    QList<StateRow> rows;
    for (const auto& token : m_tokens) {
        if (token.state != "OPEN" && wall - std::max(token.endedWallNs, token.expiresWallNs) > kEndedShownNs) continue; // of old
        StateRow row{TaskState::Finished, shortId(token.id), {}, {}, -1, {}, true};
        if (token.state == "OPEN" && token.expiresWallNs > wall) {
            row.glyph = TaskState::PendingAssignment;
            row.word = token.role == "node" ? tr("waiting") : tr("waiting, %1").arg(QString::fromStdString(token.role));
            row.value = remainingText(token.expiresWallNs - wall);
        } else if (token.state == "USED") {
            const auto& nodes = m_run.nodes();
            const auto by = std::find_if(nodes.begin(), nodes.end(), [&token](const auto& node) { return token.usedBy.starts_with(node.id.text()); });
            row.word = by != nodes.end() ? tr("used by") : tr("used by a person");
            if (by == nodes.end() && token.role == "node") row.word = tr("used");
            if (by != nodes.end()) {
                row.node = by->node;
                row.letter = RunModel::nodeLetter(by->node);
            }
            row.value = tr("spent");
        } else {
            row.glyph = TaskState::Cancelled;
            row.word = token.state == "REVOKED" ? tr("revoked") : tr("expired");
        }
        rows << row;
    }
    const bool any = !rows.isEmpty();
    m_tokensHead->setVisible(any);
    m_tokenRows->setVisible(any && m_tokensHead->isOpen());
    m_tokensHead->setValue(countText(static_cast<std::uint64_t>(rows.size())));
    m_tokenRows->setRows(rows);
}

// Of the node that was let in last.
void TokenPage::showJoining()
{
    const types::NodeRow* newest = nullptr;
    for (const auto& node : m_run.nodes())
        if (node.join.enrolNs > 0 && node.state != types::NodeState::Dead && (!newest || node.join.atNs > newest->join.atNs)) newest = &node;
    m_joinHead->setVisible(newest != nullptr);
    m_joinRows->setVisible(newest && m_joinHead->isOpen());
    if (!newest) return;
    const auto& join = newest->join;
    m_joinHead->setTitle(tr("Joining of %1").arg(RunModel::nodeLetter(newest->node)));
    m_joinHead->setValue(seconds(join.enrolNs + join.linkNs + join.pluginsNs));
    const bool here = join.plugins > 0, measured = newest->clockErrorNs >= 0;
    QList<StateRow> rows{{TaskState::Finished, tr("token accepted, key signed"), {}, seconds(join.enrolNs), -1, {}, false}, {TaskState::Finished, tr("versions match"), {}, seconds(join.linkNs), -1, {}, false}};
    rows << StateRow{here ? TaskState::Finished : TaskState::Running, here ? tr("%n plugin(s) fetched by hash", nullptr, static_cast<int>(join.plugins)) : tr("plugins are fetched"), {}, here ? seconds(join.pluginsNs) : QString(), -1, {}, false};
    rows << StateRow{measured ? TaskState::Finished : TaskState::PendingAssignment, measured ? tr("clock known to ± %1").arg(durationText(newest->clockErrorNs)) : tr("its clock is measured"), {}, {}, -1, {}, false};
    rows << StateRow{here ? TaskState::Finished : TaskState::PendingArgs, tr("%1 CPU, %2 of store").arg(newest->total.amount(types::kCpu)).arg(bytesText(newest->storeCapacityBytes)), {}, {}, -1, {}, false};
    m_joinRows->setRows(rows);
}

} // namespace orrery::widgets
