// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/random.h"
#include "engine/types/filter.h"
#include "engine/types/task_state.h"

#include <QTest>

#include <map>

using namespace orrery;
using namespace orrery::types;

namespace {

constexpr FieldId id(TaskField field) { return static_cast<FieldId>(field); }

// Rows of tasks as plain values; a column that is not set is missing or empty.
struct Row {
    std::map<FieldId, std::int64_t> numbers;
    std::map<FieldId, std::string> texts;
};

class Rows final : public RowReader {
public:
    std::int64_t number(FieldId field, std::uint32_t row) const override
    {
        const auto found = rows[row].numbers.find(field);
        return found == rows[row].numbers.end() ? kNoNumber : found->second;
    }
    std::string_view text(FieldId field, std::uint32_t row, std::string& scratch) const override
    {
        const auto found = rows[row].texts.find(field);
        scratch = found == rows[row].texts.end() ? "" : found->second;
        return scratch;
    }
    std::vector<Row> rows;
};

Row task(const char* name, TaskState state, std::int64_t durationNs, const char* node = "A")
{
    Row row;
    row.texts = {{id(TaskField::Name), name}, {id(TaskField::Function), std::string("imaging.") + name}, {id(TaskField::Node), node}};
    row.numbers = {{id(TaskField::State), static_cast<int>(state)}, {id(TaskField::MapIndex), 7}};
    if (durationNs >= 0) row.numbers[id(TaskField::Duration)] = durationNs;
    return row;
}

bool takes(const std::string& text, const Row& row)
{
    const auto filter = Filter::parse(text, taskSchema());
    if (!filter.ok()) qFatal("%s: %s", text.c_str(), filter.error().message.c_str());
    Rows rows;
    rows.rows.push_back(row);
    std::string scratch;
    return filter->matches(rows, 0, scratch);
}

std::string canonical(const std::string& text)
{
    const auto filter = Filter::parse(text, taskSchema());
    return filter.ok() ? filter->text() : filter.error().message;
}

// ---- the oracle: a random tree, how it is written and what it means ----
struct Tree {
    enum class Kind { And, Or, Not, Bare, Duration, Index, State, Node, Name };
    Kind kind = Kind::Bare;
    std::vector<Tree> children;
    std::string op, value;
    std::vector<double> numbers;      // ns, plain, or state
    std::vector<std::string> texts;
};

template <typename T, std::size_t N>
const T& oneOf(base::Random& random, const T (&list)[N]) { return list[random.below(N)]; }

const char* const kSigns[] = {"=", ":", "!=", "<", "<=", ">", ">=", "in"};
const char* const kNames[] = {"blur", "render [1]", "Render [12]", "edges", "blur [2]"};

Tree anyTree(base::Random& random, int depth)
{
    Tree tree;
    const auto roll = random.below(depth > 0 ? 10 : 6);
    if (roll >= 6) {
        tree.kind = roll == 6 ? Tree::Kind::Not : roll < 9 ? Tree::Kind::And : Tree::Kind::Or;
        for (auto n = roll == 6 ? 1 : 2 + random.below(2); n > 0; --n) tree.children.push_back(anyTree(random, depth - 1));
        return tree;
    }
    tree.kind = static_cast<Tree::Kind>(static_cast<int>(Tree::Kind::Bare) + static_cast<int>(roll));
    static const char* const kTextSigns[] = {"=", ":", "!=", "in"};
    const bool numeric = tree.kind == Tree::Kind::Duration || tree.kind == Tree::Kind::Index;
    tree.op = numeric ? oneOf(random, kSigns) : oneOf(random, kTextSigns);
    const auto count = tree.op == "in" ? 1 + random.below(3) : 1;
    for (std::uint64_t i = 0; i < count; ++i) {
        std::string written;
        switch (tree.kind) {
        case Tree::Kind::Duration: {
            static const std::pair<const char*, double> kUnits[] = {{"ns", 1}, {"us", 1e3}, {"MS", 1e6}, {" ms", 1e6}, {"s", 1e9}};
            const auto& unit = oneOf(random, kUnits);
            const auto tenths = random.below(40);
            written = std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + unit.first;
            tree.numbers.push_back(static_cast<double>(tenths) * unit.second / 10);
            break;
        }
        case Tree::Kind::Index:
            tree.numbers.push_back(static_cast<double>(random.below(5)) - 1);
            written = std::to_string(static_cast<int>(tree.numbers.back()));
            break;
        case Tree::Kind::State: {
            const auto state = static_cast<TaskState>(random.below(kTaskStates));
            tree.numbers.push_back(static_cast<double>(state));
            written = random.chance(0.5) ? std::string(jsonName(state)) : folded(jsonName(state));
            break;
        }
        case Tree::Kind::Node: written = oneOf(random, {"A", "b", "AB"}); break;
        default: written = oneOf(random, kNames); break;
        }
        tree.texts.push_back(written);
        const bool quote = tree.kind == Tree::Kind::Name || tree.kind == Tree::Kind::Bare;
        tree.value += (i > 0 ? ", " : "") + (quote ? "\"" + written + "\"" : written);
    }
    return tree;
}

std::string anyCase(base::Random& random, std::string text)
{
    for (char& c : text)
        if (random.chance(0.3)) c = static_cast<char>(std::toupper(c));
    return text;
}

std::string write(base::Random& random, const Tree& tree)
{
    const auto space = [&] { return random.chance(0.5) ? " " : ""; };
    switch (tree.kind) {
    case Tree::Kind::Not: return (random.chance(0.5) ? "-" : anyCase(random, "not ")) + "(" + write(random, tree.children[0]) + ")";
    case Tree::Kind::And:
    case Tree::Kind::Or: {
        std::string text;
        for (const auto& child : tree.children) {
            if (!text.empty()) text += tree.kind == Tree::Kind::Or ? anyCase(random, " or ") : random.chance(0.5) ? anyCase(random, " and ") : " ";
            // "or" binds weaker than "and": parentheses only where they are needed, or by chance.
            const bool needed = tree.kind == Tree::Kind::And && child.kind == Tree::Kind::Or;
            text += needed || random.chance(0.2) ? "( " + write(random, child) + ")" : write(random, child);
        }
        return text;
    }
    case Tree::Kind::Bare: return "\"" + tree.texts[0] + "\"";
    default: break;
    }
    static const std::map<Tree::Kind, const char*> kFields{{Tree::Kind::Duration, "dur"}, {Tree::Kind::Index, "map_index"}, {Tree::Kind::State, "state"}, {Tree::Kind::Node, "node"}, {Tree::Kind::Name, "name"}};
    const std::string field = anyCase(random, kFields.at(tree.kind));
    if (tree.op == "in") return field + anyCase(random, " in ") + "(" + tree.value + ")";
    return field + space() + tree.op + space() + tree.value;
}

bool means(const Tree& tree, const Row& row)
{
    const auto number = [&](TaskField field) {
        const auto found = row.numbers.find(id(field));
        return found == row.numbers.end() ? std::optional<double>() : std::optional(static_cast<double>(found->second));
    };
    const auto compare = [&](std::optional<double> have) {
        if (!have) return false;
        const double wanted = tree.numbers[0];
        if (tree.op == "in") return std::find(tree.numbers.begin(), tree.numbers.end(), *have) != tree.numbers.end();
        if (tree.op == "!=") return *have != wanted;
        if (tree.op == "<") return *have < wanted;
        if (tree.op == "<=") return *have <= wanted;
        if (tree.op == ">") return *have > wanted;
        if (tree.op == ">=") return *have >= wanted;
        return *have == wanted;
    };
    const auto text = [&](TaskField field, bool colonContains) {
        const std::string have = folded(row.texts.at(id(field)));
        if (tree.op == ":" && colonContains) return have.find(folded(tree.texts[0])) != std::string::npos;
        bool any = false;
        for (const auto& one : tree.texts) any = any || folded(one) == have;
        return tree.op == "!=" ? !any : any;
    };
    switch (tree.kind) {
    case Tree::Kind::And: return std::all_of(tree.children.begin(), tree.children.end(), [&](const Tree& child) { return means(child, row); });
    case Tree::Kind::Or: return std::any_of(tree.children.begin(), tree.children.end(), [&](const Tree& child) { return means(child, row); });
    case Tree::Kind::Not: return !means(tree.children[0], row);
    case Tree::Kind::Bare: return folded(row.texts.at(id(TaskField::Name))).find(folded(tree.texts[0])) != std::string::npos;
    case Tree::Kind::Duration: return compare(number(TaskField::Duration));
    case Tree::Kind::Index: return compare(number(TaskField::MapIndex));
    case Tree::Kind::State: return compare(number(TaskField::State));
    case Tree::Kind::Node: return text(TaskField::Node, false);
    case Tree::Kind::Name: return text(TaskField::Name, true);
    }
    return false;
}

} // namespace

class TstFilter : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void canonicalText_data()
    {
        QTest::addColumn<QByteArray>("written");
        QTest::addColumn<QByteArray>("canonical");
        const auto row = [](const char* written, const char* canonical) { QTest::newRow(written) << QByteArray(written) << QByteArray(canonical); };
        row("", "");
        row(" \t\n", "");
        row("dur>1ms", "duration_ns > 1ms");
        row("DUR >= 1.5 S", "duration_ns >= 1.5s");
        row("dur > 1 \xc2\xb5s", "duration_ns > 1us");
        row("duration_ns>5000", "duration_ns > 5000");
        row("dur:0", "duration_ns = 0");
        row("bytes>1mib node:b", "bytes_out > 1MiB and node = b");
        row("state=failed", "state = FAILED");
        row("state:ready", "state = ready");
        row("state in(failed,Cancelled)", "state in (FAILED, CANCELLED)");
        row("a or b and c", "a or b and c");
        row("(a or b) and c", "(a or b) and c");
        row("((a)) or (b and c)", "a or b and c");
        row("a b c", "a and b and c");
        row("a AND (b AND c)", "a and b and c");
        row("-a", "not a");
        row("not not a", "a");
        row("- not - a", "not a");
        row("not (a b)", "not (a and b)");
        row("-state=failed or NOT render", "not state = FAILED or not render");
        row("\"and\"", "\"and\"");
        row("\"two words\"", "\"two words\"");
        row("\"a\\\"b\\\\c\"", "\"a\\\"b\\\\c\"");
        row("name=\"\"", "name = \"\"");
        row("name = a:b", "name = \"a:b\"");
        row("name=-x", "name = \"-x\"");
        row("fn~\"^im.*blur$\"", "func_or_class_name ~ ^im.*blur$");
        row("name ~ \"(a|b)\"", "name ~ \"(a|b)\"");
        row("map_index > -1", "map_index > -1");
        row("render[93]", "render[93]");
        row("in", "something is missing before \"in\"");
        row("state", "state");
        row("h\xc3\xa4user", "h\xc3\xa4user");
        row("task_id:T-7c1e", "task_id : T-7c1e");
        row("worker != 2", "worker != 2");
    }
    void canonicalText()
    {
        QFETCH(QByteArray, written);
        QFETCH(QByteArray, canonical);
        const std::string made = ::canonical(written.toStdString());
        if (written == "in") {
            QVERIFY(QByteArray::fromStdString(made).contains(canonical));
            return;
        }
        QCOMPARE(QByteArray::fromStdString(made), canonical);
        QCOMPARE(::canonical(made), made);
    }
    void whatIsWrongIsSaidWithItsPlace_data()
    {
        QTest::addColumn<QByteArray>("written");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char* written, const char* says) { QTest::newRow(written) << QByteArray(written) << QByteArray(says); };
        row("stat = FAILED", "column 1: there is no column \"stat\" in tasks; did you mean \"state\"?");
        row("render dur>1 and durr>1ms", "column 12: \"1\" has no unit; write one of ns us ms s min h behind it");
        row("durr>1ms", "column 1: there is no column \"durr\" in tasks; did you mean \"dur\"?");
        row("dur > 1mss", "column 7: there is no unit \"mss\"; did you mean \"ms\"?");
        row("dur > 1MB", "column 7: \"MB\" does not fit: duration_ns is a duration and takes ns us ms s min h");
        row("bytes > 1 s", "column 9: \"s\" does not fit: bytes_out is a size and takes B KB MB GB KiB MiB GiB");
        row("worker = 2ms", "column 10: worker is a plain number and takes no unit, and \"ms\" is one");
        row("dur > fast", "column 7: \"fast\" is no number, and duration_ns is a duration");
        row("dur > 1.", "is no number");
        row("dur > .5s", "is no number");
        row("dur > -", "is no number");
        row("dur > 99999999999999999999", "too many digits");
        row("dur > 9999999999h", "too large");
        row("state = FINSHED", "column 9: \"FINSHED\" is no state; did you mean \"FINISHED\"?");
        row("state = x", "\"x\" is no state; there are PENDING_ARGS_AVAIL PENDING_NODE_ASSIGNMENT");
        row("state > RUNNING", "column 9: \">\" compares numbers, and state is a word");
        row("name < b", "column 8: \"<\" compares numbers, and name is a text");
        row("dur ~ 5", "column 7: \"~\" looks into texts, and duration_ns is a number");
        row("name ~ \"(\"", "column 8: the pattern is wrong: a \"(\" is not closed");
        row("name =", "column 7: a value is missing after \"=\"");
        row("= 5", "column 1: a column is missing before \"=\"");
        row("(a", "column 1: this \"(\" is not closed");
        row("(a,b)", "column 3: \",\" was not expected here");
        row("a)", "column 2: a \")\" closes nothing");
        row("()", "column 2: \")\" was not expected here");
        row("a or", "column 5: something is missing at the end");
        row("or a", "column 1: something is missing before \"or\"");
        row("a and and b", "column 7: something is missing before \"and\"");
        row("not", "column 4: something is missing at the end");
        row("-", "column 2: something is missing at the end");
        row("state in ()", "column 11: a value is missing after \"in (\"");
        row("state in (failed", "goes on with \",\" or ends with \")\"");
        row("state in (failed running)", "column 18: the list after \"in\" goes on");
        row("\"abc", "column 1: this quotation mark has no second one");
        row("name = \"abc\\\"", "column 8: this quotation mark has no second one");
        row("a \x01", "column 3: there is a control character");
        row("\xc3\xa4\xc3\xa4 = 1", "column 1: there is no column");
        row("\xc3\xa4\xc3\xa4 (", "column 5: something is missing at the end");
        row("a ! b != ", "column 5");
    }
    void whatIsWrongIsSaidWithItsPlace()
    {
        QFETCH(QByteArray, written);
        QFETCH(QByteArray, says);
        const auto filter = Filter::parse(written.toStdString(), taskSchema());
        QVERIFY2(!filter.ok(), filter.ok() ? filter->text().c_str() : "");
        QCOMPARE(filter.error().code, base::Errc::BadInput);
        QVERIFY2(QByteArray::fromStdString(filter.error().message).contains(says), filter.error().message.c_str());
        QVERIFY(filter.error().message.starts_with("The filter cannot be read at column "));
        QVERIFY(filter.error().message.ends_with('.') || filter.error().message.ends_with('?'));
    }
    void orBindsWeakerThanAndAndNotStrongest()
    {
        const Row blur = task("blur", TaskState::Failed, 5'000'000);
        QVERIFY(takes("blur or edges state=finished", blur));
        QVERIFY(!takes("(blur or edges) state=finished", blur));
        QVERIFY(!takes("not blur or edges", blur));
        QVERIFY(takes("not edges blur", blur));
        QVERIFY(!takes("not (edges or blur)", blur));
    }
    void numbersAreExactAtTheirEdges()
    {
        const Row row = task("blur", TaskState::Finished, 1'500'000);
        QVERIFY(takes("dur = 1.5ms", row));
        QVERIFY(takes("dur >= 1.5ms", row));
        QVERIFY(takes("dur <= 1.5ms", row));
        QVERIFY(!takes("dur > 1.5ms", row));
        QVERIFY(!takes("dur < 1.5ms", row));
        QVERIFY(!takes("dur != 1.5ms", row));
        // Half a nanosecond beside: no whole number.
        QVERIFY(takes("dur > 1499999.5ns", row));
        QVERIFY(takes("dur >= 1499999.5ns", row));
        QVERIFY(takes("dur < 1500000.5ns", row));
        QVERIFY(takes("dur <= 1500000.5ns", row));
        QVERIFY(!takes("dur > 1500000.5ns", row));
        QVERIFY(!takes("dur <= 1499999.5ns", row));
        QVERIFY(!takes("dur = 1500000.5ns", row));
        QVERIFY(takes("dur != 1500000.5ns", row));
        QVERIFY(!takes("dur in (1499999.5ns, 2ms)", row));
        QVERIFY(takes("dur in (2ms, 1500us, 0)", row));
        Row below = row;
        below.numbers[id(TaskField::Start)] = -3;
        QVERIFY(takes("start < -2.5ns", below));
        QVERIFY(!takes("start < -3ns", below));
        QVERIFY(takes("start >= -3.5ns", below));
        QVERIFY(!takes("start <= -3.5ns", below));
    }
    void theWidestNumbersCompare()
    {
        Row row = task("blur", TaskState::Finished, 1);
        row.numbers[id(TaskField::BytesOut)] = std::numeric_limits<std::int64_t>::max();
        QVERIFY(takes("bytes > 4611686018427387904", row));
        QVERIFY(takes("bytes >= -4611686018427387904", row));
        QVERIFY(!takes("bytes < -4611686018427387904", row));
        row.numbers[id(TaskField::BytesOut)] = kNoNumber + 1;
        QVERIFY(takes("bytes < 0", row));
    }
    void aMissingNumberMeetsNoComparison()
    {
        const Row row = task("blur", TaskState::PendingArgs, -1);
        for (const char* text : {"dur = 0", "dur != 5ms", "dur != 5.5ns", "dur < 1h", "dur <= 1h", "dur > -1h", "dur >= -1h", "dur in (0)"}) {
            QVERIFY2(!takes(text, row), text);
            QVERIFY2(takes(std::string("not ") + text, row), text);
        }
    }
    void wordsOfThePaletteMayStandForSeveralStates()
    {
        for (int i = 0; i < kTaskStates; ++i) {
            const auto state = static_cast<TaskState>(i);
            const Row row = task("blur", state, 1);
            QCOMPARE(takes("state = ready", row), state == TaskState::PendingAssignment || state == TaskState::Submitted);
            QCOMPARE(takes("state != ready", row), state != TaskState::PendingAssignment && state != TaskState::Submitted);
            QCOMPARE(takes("state ~ ^pending", row), i < 3);
            QCOMPARE(takes("state in (failed, cancelled, skipped)", row), i >= static_cast<int>(TaskState::Failed));
        }
    }
    void wordsThatRiseCompare()
    {
        for (int level = 0; level < 4; ++level) {
            Rows rows;
            rows.rows.emplace_back().numbers[static_cast<FieldId>(LogField::Level)] = level;
            std::string scratch;
            const auto holds = [&](const char* text) { return Filter::parse(text, logSchema())->matches(rows, 0, scratch); };
            QCOMPARE(holds("level>=warn"), level >= 2);
            QCOMPARE(holds("level > warning"), level > 2);
            QCOMPARE(holds("level<INFO"), level < 1);
            QCOMPARE(holds("level<=info"), level <= 1);
            QCOMPARE(holds("level!=debug"), level != 0);
            QCOMPARE(holds("level>error"), false);
            QCOMPARE(holds("level>=debug"), true);
        }
    }
    void colonMeansWhatFitsItsColumn()
    {
        Row row = task("blur", TaskState::Finished, 1, "AB");
        row.texts[id(TaskField::TaskId)] = "T-7c1e00";
        QVERIFY(takes("fn:BLUR", row));
        QVERIFY(!takes("fn=blur", row));
        QVERIFY(takes("fn=Imaging.blur", row));
        QVERIFY(!takes("node:A", row));
        QVERIFY(takes("node:ab", row));
        QVERIFY(takes("task_id:t-7c", row));
        QVERIFY(!takes("task_id:7c", row));
        QVERIFY(!takes("task_id=T-7c", row));
        QVERIFY(takes("fn ~ \"ing.*ur\"", row));
    }
    void fieldsSayWhatIsRead()
    {
        const auto filter = Filter::parse("dur>1ms or -blur", taskSchema());
        QCOMPARE(filter->fields(), (1ull << id(TaskField::Duration)) | (1ull << id(TaskField::Name)));
        QVERIFY(Filter::parse("  ", taskSchema())->all());
        QVERIFY(!filter->all());
    }
    void everyTableCanBeFiltered()
    {
        for (const auto* schema : {&taskSchema(), &objectSchema(), &workerSchema(), &nodeSchema(), &jobSchema(), &logSchema()})
            for (const auto& field : schema->fields) {
                const std::string value = !field.words.empty() ? std::string(field.words[0].text) : "1";
                const std::string text = std::string(field.name) + " = " + value;
                const auto filter = Filter::parse(text, *schema);
                QVERIFY2(filter.ok(), text.c_str());
                QCOMPARE(filter->text(), text);
            }
        QCOMPARE(Filter::parse("cpu > 50%", nodeSchema())->text(), std::string("cpu_share > 50%"));
        QVERIFY(Filter::parse("alive", workerSchema()).ok());
        QCOMPARE(Filter::parse("alive=YES", workerSchema())->text(), std::string("is_alive = yes"));
    }
    void randomFiltersMeanWhatTheirTreeMeans()
    {
        base::Random random(7);
        Rows rows;
        const std::int64_t durations[] = {-1, 0, 1, 100, 1'000, 300'000, 1'000'000, 1'500'000, 3'900'000'000};
        for (int i = 0; i < 200; ++i) {
            rows.rows.push_back(task(oneOf(random, kNames), static_cast<TaskState>(random.below(kTaskStates)), oneOf(random, durations), oneOf(random, {"A", "B", "AB"})));
            rows.rows.back().numbers[id(TaskField::MapIndex)] = static_cast<std::int64_t>(random.below(4));
        }
        std::string scratch;
        std::size_t taken = 0, all = 0;
        for (int i = 0; i < 2000; ++i) {
            const Tree tree = anyTree(random, 3);
            const std::string text = write(random, tree);
            const auto filter = Filter::parse(text, taskSchema());
            if (!filter.ok()) QFAIL((text + ": " + filter.error().message).c_str());
            const auto again = Filter::parse(filter->text(), taskSchema());
            if (!again.ok()) QFAIL((filter->text() + ": " + again.error().message).c_str());
            QCOMPARE(again->text(), filter->text());
            for (std::uint32_t row = 0; row < rows.rows.size(); ++row) {
                const bool expected = means(tree, rows.rows[row]);
                taken += expected;
                ++all;
                if (filter->matches(rows, row, scratch) != expected || again->matches(rows, row, scratch) != expected) QFAIL((text + " | " + filter->text() + " at row " + std::to_string(row)).c_str());
            }
        }
        QVERIFY(taken > all / 10 && taken < all * 9 / 10); // neither side is empty
    }
    void hostileTextsAreRefusedOrReadWithinTheirBounds()
    {
        QVERIFY(QByteArray::fromStdString(canonical(std::string(kFilterBytesMax + 1, 'a'))).contains("too long"));
        QCOMPARE(canonical(std::string(kFilterBytesMax, 'a')).size(), kFilterBytesMax);
        QVERIFY(canonical(std::string(2000, '(') + "a" + std::string(2000, ')')).find("nested more than 64 deep") != std::string::npos);
        const std::string deepest = std::string(kFilterDepthMax, '(') + "a" + std::string(kFilterDepthMax, ')');
        QCOMPARE(canonical(deepest), std::string("a"));
        QVERIFY(canonical("(" + deepest + ")").find("nested more than") != std::string::npos);
        QCOMPARE(canonical(std::string(4000, '-') + "a"), std::string("a"));
        QCOMPARE(canonical(std::string(4001, '-') + "a"), std::string("not a"));
        std::string many;
        while (many.size() + 2 <= kFilterBytesMax) many += "a ";
        QVERIFY(Filter::parse(many, taskSchema()).ok());
        std::string list = "map_index in (0";
        while (list.size() + 3 <= kFilterBytesMax) list += ",7";
        QVERIFY(takes(list + ")", task("blur", TaskState::Finished, 1)));
        QVERIFY(canonical(std::string(500, 'x') + " = 1").size() < 1000);
    }
    void anyBytesAreAnsweredWithoutHarm()
    {
        base::Random random(11);
        static const char* const kPieces[] = {"and", "or", "not", "in", "(", ")", "-", "=", "!=", "<", ">=", "~", ":", "\"", "\\", ",", "dur", "state", "name", "1ms", "5", "FAILED", "%", " ", "\xff", "\xc3", "\x7f", "!"};
        for (int i = 0; i < 20'000; ++i) {
            std::string text;
            for (auto n = random.below(12); n > 0; --n) text += random.chance(0.1) ? std::string(1, static_cast<char>(random.below(256))) : std::string(oneOf(random, kPieces)) + (random.chance(0.5) ? " " : "");
            const auto filter = Filter::parse(text, taskSchema());
            if (!filter.ok()) {
                QVERIFY(!filter.error().message.empty());
                continue;
            }
            const auto again = Filter::parse(filter->text(), taskSchema());
            if (!again.ok() || again->text() != filter->text()) QFAIL((text + " | " + filter->text()).c_str());
        }
    }
};

QTEST_GUILESS_MAIN(TstFilter)
#include "tst_filter.moc"
