// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Filter::parse: recursive descent over the grammar of filter.h. A part that was read is the index of its node and its
// canonical text.
#include "engine/types/filter.h"

#include "engine/types/filter_value.h"
#include "engine/types/graph_check.h"

#include <algorithm>

namespace orrery::types {

using base::Errc;
using base::fail;

namespace {

constexpr bool isSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr bool endsWord(char c) { return isSpace(c) || c == '(' || c == ')' || c == ',' || c == '"' || c == '=' || c == '<' || c == '>' || c == '~'; }

bool isKeyword(std::string_view word)
{
    const std::string small = folded(word);
    return small == "and" || small == "or" || small == "not" || small == "in";
}

// As it has to be written to be read as one value.
std::string written(std::string_view value)
{
    const bool plain = !value.empty() && value.front() != '-' && !isKeyword(value) &&
                       std::none_of(value.begin(), value.end(), [](char c) { return endsWord(c) || c == ':' || c == '!' || c == '\\'; });
    if (plain) return std::string(value);
    std::string text = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
    }
    return text + "\"";
}

} // namespace

class FilterParser {
public:
    FilterParser(std::string_view text, const TableSchema& schema) : m_text(text), m_schema(schema) {}

    base::Result<Filter> parse()
    {
        if (m_text.size() > kFilterBytesMax)
            return fail(Errc::BadInput, "The filter is too long: " + std::to_string(m_text.size()) + " bytes, at most " + std::to_string(kFilterBytesMax) + " are read.");
        for (m_at = 0; m_at < m_text.size(); ++m_at)
            if (static_cast<unsigned char>(m_text[m_at]) < 0x20 && !isSpace(m_text[m_at])) return wrong(m_at, "there is a control character");
        m_at = 0;
        skipSpace();
        if (atEnd()) return Filter();
        auto whole = alternatives(0);
        if (!whole) return whole.error();
        if (!atEnd()) return wrong(m_at, m_text[m_at] == ')' ? "a \")\" closes nothing" : "\"" + std::string(1, m_text[m_at]) + "\" was not expected here");
        m_made.m_root = whole->node;
        m_made.m_text = whole->text;
        return std::move(m_made);
    }

private:
    using Node = Filter::Node;
    using Op = Filter::Op;
    struct Part {
        std::uint16_t node = 0;
        Op op = Op::And;
        std::string text;
    };
    struct Value {
        std::string text;
        std::size_t at = 0;
        bool quoted = false;
    };
    enum class Sign : std::uint8_t { Equal, Colon, Differ, Less, LessEqual, Greater, GreaterEqual, Tilde, In };
    static constexpr std::string_view kSigns[] = {"=", ":", "!=", "<", "<=", ">", ">=", "~", "in"};

    base::Error wrong(std::size_t at, const std::string& what) const
    {
        std::size_t column = 1; // in letters, as a person counts
        for (std::size_t i = 0; i < at && i < m_text.size(); ++i) column += (static_cast<unsigned char>(m_text[i]) & 0xc0) != 0x80;
        return fail(Errc::BadInput, "The filter cannot be read at column " + std::to_string(column) + ": " + what + (what.ends_with('?') ? "" : "."));
    }

    // ---- letters ----
    bool atEnd() const { return m_at >= m_text.size(); }
    bool sees(char c) const { return m_at < m_text.size() && m_text[m_at] == c; }
    bool take(char c)
    {
        if (!sees(c)) return false;
        ++m_at;
        skipSpace();
        return true;
    }
    void skipSpace()
    {
        while (!atEnd() && isSpace(m_text[m_at])) ++m_at;
    }
    // A word outside of values ends at ":" and "!=" too.
    std::string_view peekWord(bool value) const
    {
        std::size_t end = m_at;
        while (end < m_text.size() && !endsWord(m_text[end])) {
            if (!value && (m_text[end] == ':' || m_text.substr(end, 2) == "!=")) break;
            ++end;
        }
        return m_text.substr(m_at, end - m_at);
    }
    bool takeKeyword(std::string_view keyword)
    {
        const auto word = peekWord(false);
        if (folded(word) != keyword) return false;
        m_at += word.size();
        skipSpace();
        return true;
    }
    base::Result<Value> quoted()
    {
        Value value{{}, m_at++, true};
        for (; !atEnd(); ++m_at) {
            char c = m_text[m_at];
            if (c == '"') {
                ++m_at;
                skipSpace();
                return value;
            }
            if (c == '\\' && m_at + 1 < m_text.size() && (m_text[m_at + 1] == '"' || m_text[m_at + 1] == '\\')) c = m_text[++m_at];
            value.text += c;
        }
        return wrong(value.at, "this quotation mark has no second one");
    }
    base::Result<Value> value(std::string_view after)
    {
        if (sees('"')) return quoted();
        const auto word = peekWord(true);
        if (word.empty()) return wrong(m_at, "a value is missing after \"" + std::string(after) + "\"");
        Value value{std::string(word), m_at, false};
        m_at += word.size();
        skipSpace();
        return value;
    }

    // ---- parts ----
    std::uint16_t add(Node node)
    {
        if (node.field != kNoField) m_made.m_fields |= 1ull << node.field;
        m_made.m_nodes.push_back(node);
        return static_cast<std::uint16_t>(m_made.m_nodes.size() - 1);
    }
    Part group(Op op, std::vector<Part>& parts)
    {
        if (parts.size() == 1) return std::move(parts.front());
        const auto first = static_cast<std::uint16_t>(m_made.m_children.size());
        std::string text;
        for (const auto& part : parts) {
            m_made.m_children.push_back(part.node);
            if (!text.empty()) text += op == Op::And ? " and " : " or ";
            text += op == Op::And && part.op == Op::Or ? "(" + part.text + ")" : part.text;
        }
        return {add({op, kNoField, first, static_cast<std::uint16_t>(parts.size())}), op, std::move(text)};
    }
    base::Result<Part> alternatives(std::size_t depth)
    {
        std::vector<Part> parts;
        do {
            auto part = conjunction(depth);
            if (!part) return part;
            parts.push_back(std::move(*part));
        } while (takeKeyword("or"));
        return group(Op::Or, parts);
    }
    base::Result<Part> conjunction(std::size_t depth)
    {
        std::vector<Part> parts;
        do {
            auto part = negation(depth);
            if (!part) return part;
            parts.push_back(std::move(*part));
        } while (takeKeyword("and") || (!atEnd() && !sees(')') && folded(peekWord(false)) != "or"));
        return group(Op::And, parts);
    }
    base::Result<Part> negation(std::size_t depth)
    {
        bool turned = false;
        for (;; turned = !turned)
            if (!take('-') && !takeKeyword("not")) break;
        auto part = term(depth);
        if (!part || !turned) return part;
        const auto first = static_cast<std::uint16_t>(m_made.m_children.size());
        m_made.m_children.push_back(part->node);
        const bool single = part->op != Op::And && part->op != Op::Or && part->op != Op::Not;
        return Part{add({Op::Not, kNoField, first, 1}), Op::Not, "not " + (single ? part->text : "(" + part->text + ")")};
    }
    base::Result<Part> term(std::size_t depth)
    {
        const std::size_t at = m_at;
        if (take('(')) {
            if (depth == kFilterDepthMax) return wrong(at, "parentheses are nested more than " + std::to_string(kFilterDepthMax) + " deep");
            auto part = alternatives(depth + 1);
            if (!part) return part;
            if (!take(')')) return atEnd() ? wrong(at, "this \"(\" is not closed") : wrong(m_at, "\"" + std::string(1, m_text[m_at]) + "\" was not expected here");
            return part;
        }
        if (sees('"')) {
            auto text = quoted();
            if (!text) return text.error();
            return bare(*text);
        }
        const std::string word(peekWord(false));
        m_at += word.size();
        skipSpace();
        const auto sign = takeSign();
        if (!sign) {
            if (word.empty()) return wrong(at, atEnd() ? "something is missing at the end" : "\"" + std::string(1, m_text[at]) + "\" was not expected here");
            if (isKeyword(word)) return wrong(at, "something is missing before \"" + word + "\"");
            return bare({word, at, false});
        }
        if (word.empty()) return wrong(at, "a column is missing before \"" + std::string(kSigns[static_cast<std::size_t>(*sign)]) + "\"");
        const auto field = m_schema.field(word);
        if (!field) return wrong(at, field.error().message);
        return comparison(*field, word, *sign);
    }
    Part bare(const Value& value)
    {
        if (value.text.empty()) return {add({Op::And}), Op::Contains, "\"\""}; // every name contains it
        return {text(m_schema.bare, Op::Contains, {folded(value.text)}), Op::Contains, written(value.text)};
    }

    // ---- comparisons ----
    std::optional<Sign> takeSign()
    {
        const auto take2 = [this](std::string_view sign) {
            if (m_text.substr(m_at, sign.size()) != sign) return false;
            m_at += sign.size();
            return true;
        };
        std::optional<Sign> found;
        for (const Sign sign : {Sign::Differ, Sign::LessEqual, Sign::GreaterEqual, Sign::Equal, Sign::Colon, Sign::Less, Sign::Greater, Sign::Tilde})
            if (!found && take2(kSigns[static_cast<std::size_t>(sign)])) found = sign;
        if (!found && folded(peekWord(false)) == "in") {
            const std::size_t after = m_text.find_first_not_of(" \t\n\v\f\r", m_at + 2);
            if (after != std::string_view::npos && m_text[after] == '(') {
                m_at += 2;
                found = Sign::In;
            }
        }
        skipSpace();
        return found;
    }
    base::Result<Part> comparison(FieldId id, const std::string& name, Sign sign)
    {
        const Field& field = m_schema.at(id);
        const std::string_view signText = kSigns[static_cast<std::size_t>(sign)];
        const std::size_t at = m_at;
        std::vector<Value> values;
        const bool in = sign == Sign::In;
        if (in) take('(');
        do {
            auto one = value(in ? "in (" : signText);
            if (!one) return one.error();
            if (!one->quoted && takesUnit(field.kind) && isUnit(peekWord(true))) { // "1 ms"
                one->text += peekWord(true);
                m_at += peekWord(true).size();
                skipSpace();
            }
            values.push_back(std::move(*one));
        } while (in && take(','));
        if (in && !take(')')) return wrong(m_at, "the list after \"in\" goes on with \",\" or ends with \")\"");
        const bool order = sign >= Sign::Less && sign <= Sign::GreaterEqual;
        if (order && (isText(field.kind) || (!field.words.empty() && field.kind != FieldKind::Level)))
            return wrong(at, "\"" + std::string(signText) + "\" compares numbers, and " + std::string(field.name) + " is " + (isText(field.kind) ? "a text" : "a word"));
        if (isText(field.kind)) return textComparison(id, sign, values);
        if (!field.words.empty()) return wordComparison(id, sign, values);
        if (sign == Sign::Tilde) return wrong(at, "\"~\" looks into texts, and " + std::string(field.name) + " is a number");
        return numberComparison(id, name, sign, values);
    }
    std::string canonical(FieldId id, Sign sign, const std::vector<std::string>& values) const
    {
        std::string made = std::string(m_schema.at(id).name) + " " + std::string(kSigns[static_cast<std::size_t>(sign)]) + " ";
        if (sign != Sign::In) return made + values.front();
        for (std::size_t i = 0; i < values.size(); ++i) made += (i == 0 ? "(" : ", ") + values[i];
        return made + ")";
    }
    std::uint16_t text(FieldId id, Op op, const std::vector<std::string>& needles)
    {
        const auto first = static_cast<std::uint16_t>(m_made.m_texts.size());
        m_made.m_texts.insert(m_made.m_texts.end(), needles.begin(), needles.end());
        return add({op, id, first, static_cast<std::uint16_t>(needles.size())});
    }
    base::Result<Part> textComparison(FieldId id, Sign sign, const std::vector<Value>& values)
    {
        const FieldKind kind = m_schema.at(id).kind;
        if (sign == Sign::Colon && kind == FieldKind::Label) sign = Sign::Equal;
        std::vector<std::string> needles, texts;
        for (const auto& one : values) {
            needles.push_back(folded(one.text));
            texts.push_back(written(one.text));
        }
        std::uint16_t node = 0;
        if (sign == Sign::Tilde) {
            auto pattern = Pattern::compile(values.front().text);
            if (!pattern) return wrong(values.front().at, "the pattern is wrong: " + pattern.error().message);
            m_made.m_patterns.push_back(std::move(*pattern));
            node = add({Op::Matches, id, static_cast<std::uint16_t>(m_made.m_patterns.size() - 1), 1});
        } else {
            node = text(id, sign != Sign::Colon ? Op::Equals : kind == FieldKind::Id ? Op::Begins : Op::Contains, needles);
        }
        if (sign == Sign::Differ) {
            const auto first = static_cast<std::uint16_t>(m_made.m_children.size());
            m_made.m_children.push_back(node);
            node = add({Op::Not, kNoField, first, 1});
        }
        return Part{node, Op::Equals, canonical(id, sign, texts)};
    }
    base::Result<Part> wordComparison(FieldId id, Sign sign, const std::vector<Value>& values)
    {
        const Field& field = m_schema.at(id);
        std::uint64_t taken = 0, all = 0;
        std::vector<std::string> texts;
        for (const auto& word : field.words) all |= 1ull << word.index;
        if (sign == Sign::Colon) sign = Sign::Equal;
        if (sign == Sign::Tilde) {
            const auto pattern = Pattern::compile(values.front().text);
            if (!pattern) return wrong(values.front().at, "the pattern is wrong: " + pattern.error().message);
            for (const auto& word : field.words)
                if (pattern->foundIn(word.text)) taken |= 1ull << word.index;
            texts.push_back(written(values.front().text));
        } else {
            for (const auto& one : values) {
                const auto word = readWord(field, one.text);
                if (!word) return wrong(one.at, word.error().message);
                taken |= word->indexes;
                texts.push_back(written(word->text));
            }
        }
        const std::uint64_t below = (taken & -taken) - 1; // where words have an order: those before the one that was written
        Node node{Op::Words, id};
        switch (sign) {
        case Sign::Differ: node.words = all & ~taken; break;
        case Sign::Less: node.words = below; break;
        case Sign::LessEqual: node.words = below | taken; break;
        case Sign::Greater: node.words = all & ~(below | taken); break;
        case Sign::GreaterEqual: node.words = all & ~below; break;
        default: node.words = taken;
        }
        return Part{add(node), Op::Words, canonical(id, sign, texts)};
    }
    base::Result<Part> numberComparison(FieldId id, const std::string& name, Sign sign, const std::vector<Value>& values)
    {
        const Field& field = m_schema.at(id);
        std::vector<std::string> texts;
        std::vector<NumberValue> numbers;
        for (const auto& one : values) {
            auto number = readNumber(field, name, one.text);
            if (!number) return wrong(one.at, number.error().message);
            texts.push_back(number->text);
            numbers.push_back(std::move(*number));
        }
        if (sign == Sign::Colon) sign = Sign::Equal;
        return Part{add(numberNode(id, sign, numbers)), Op::Between, canonical(id, sign, texts)};
    }
    // A value between two whole numbers is rounded away from what it excludes: x > 1.5 is x >= 2.
    Node numberNode(FieldId id, Sign sign, const std::vector<NumberValue>& numbers)
    {
        constexpr std::int64_t kLowest = kNoNumber + 1, kHighest = std::numeric_limits<std::int64_t>::max();
        const auto [floor, exact, text] = numbers.front();
        Node node{Op::Between, id};
        node.low = kLowest;
        node.high = kHighest;
        const auto none = [&node] {
            node.low = kHighest;
            node.high = kLowest;
        };
        switch (sign) {
        case Sign::Less: node.high = exact ? floor - 1 : floor; break;
        case Sign::LessEqual: node.high = floor; break;
        case Sign::Greater: node.low = floor + 1; break;
        case Sign::GreaterEqual: node.low = exact ? floor : floor + 1; break;
        case Sign::Differ:
            if (!exact) break;
            node.op = Op::Differs;
            node.low = floor;
            break;
        case Sign::In:
            node.op = Op::Among;
            node.first = static_cast<std::uint16_t>(m_made.m_numbers.size());
            for (const auto& number : numbers)
                if (number.exact) m_made.m_numbers.push_back(number.floor);
            node.count = static_cast<std::uint16_t>(m_made.m_numbers.size() - node.first);
            std::sort(m_made.m_numbers.begin() + node.first, m_made.m_numbers.end());
            break;
        default:
            if (!exact) none();
            else node.low = node.high = floor;
        }
        return node;
    }

    std::string_view m_text;
    const TableSchema& m_schema;
    std::size_t m_at = 0;
    Filter m_made;
};

base::Result<Filter> Filter::parse(std::string_view text, const TableSchema& schema) { return FilterParser(text, schema).parse(); }

} // namespace orrery::types
