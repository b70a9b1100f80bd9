// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "engine/types/pattern.h"

#include <bit>
#include <bitset>

namespace orrery::types {

using base::Errc;
using base::fail;

namespace {

constexpr int kDepthMax = 64; // parentheses in parentheses
using Bytes = std::bitset<256>;

constexpr bool isLetter(unsigned c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

void addAnyCase(Bytes& set, unsigned c)
{
    set.set(c);
    if (isLetter(c)) set.set(c ^ 0x20u);
}

// The set of \d, \w, \s; empty for any other letter.
Bytes named(char name)
{
    Bytes set;
    const auto range = [&set](unsigned first, unsigned last) {
        for (unsigned c = first; c <= last; ++c) set.set(c);
    };
    switch (name | 0x20) {
    case 'd': range('0', '9'); break;
    case 'w':
        range('0', '9');
        range('a', 'z');
        range('A', 'Z');
        set.set('_');
        break;
    case 's':
        set.set(' ');
        range('\t', '\r');
        break;
    default: return set;
    }
    return (name & 0x20) != 0 ? set : ~set;
}

} // namespace

// Recursive descent that builds the automaton as it reads: a part of the pattern is known by the positions it can begin and
// end with and by whether it may be empty.
class PatternParser {
public:
    explicit PatternParser(std::string_view text) : m_text(text) {}

    base::Result<Pattern> parse()
    {
        if (m_text.size() > kPatternBytesMax) return fail(Errc::BadInput, "a pattern has at most " + std::to_string(kPatternBytesMax) + " bytes");
        if (m_text.starts_with('^')) {
            m_made.m_atBegin = true;
            m_text.remove_prefix(1);
        }
        if (endsWithAnchor()) {
            m_made.m_atEnd = true;
            m_text.remove_suffix(1);
        }
        const Part whole = alternatives(0);
        if (m_problem.empty() && m_at < m_text.size()) m_problem = "a \")\" closes nothing";
        if (!m_problem.empty()) return fail(Errc::BadInput, m_problem);
        m_made.m_first = whole.first;
        m_made.m_last = whole.last;
        m_made.m_empty = whole.empty;
        return m_made;
    }

private:
    struct Part {
        std::uint64_t first = 0, last = 0;
        bool empty = true;
    };

    // A "$" that no backslash takes.
    bool endsWithAnchor() const
    {
        if (!m_text.ends_with('$')) return false;
        std::size_t slashes = 0;
        while (slashes + 1 < m_text.size() && m_text[m_text.size() - 2 - slashes] == '\\') ++slashes;
        return slashes % 2 == 0;
    }
    bool more() const { return m_problem.empty() && m_at < m_text.size(); }
    void wrong(std::string what)
    {
        if (m_problem.empty()) m_problem = std::move(what);
    }

    Part alternatives(int depth)
    {
        Part all = sequence(depth);
        while (more() && m_text[m_at] == '|') {
            ++m_at;
            const Part other = sequence(depth);
            all = {all.first | other.first, all.last | other.last, all.empty || other.empty};
        }
        return all;
    }

    Part sequence(int depth)
    {
        Part all;
        while (more() && m_text[m_at] != '|' && m_text[m_at] != ')') {
            const Part next = repeated(depth);
            join(all.last, next.first);
            all = {all.empty ? all.first | next.first : all.first, next.empty ? all.last | next.last : next.last, all.empty && next.empty};
        }
        return all;
    }

    Part repeated(int depth)
    {
        Part part = atom(depth);
        for (; more(); ++m_at) {
            const char c = m_text[m_at];
            if (c != '*' && c != '+' && c != '?') break;
            if (c != '?') join(part.last, part.first);
            if (c != '+') part.empty = true;
        }
        return part;
    }

    Part atom(int depth)
    {
        const char c = m_text[m_at++];
        switch (c) {
        case '(': {
            if (depth == kDepthMax) {
                wrong("its parentheses are nested too deep");
                return {};
            }
            const Part inside = alternatives(depth + 1);
            if (m_at >= m_text.size()) wrong("a \"(\" is not closed");
            ++m_at;
            return inside;
        }
        case '[': return position(bracket());
        case '.': return position(~Bytes());
        case '*':
        case '+':
        case '?': wrong(std::string("there is nothing for \"") + c + "\" to repeat"); return {};
        case '^':
        case '$': wrong(std::string("\"") + c + "\" stands only at the " + (c == '^' ? "begin" : "end") + " of the whole pattern"); return {};
        case '\\': return position(escaped());
        default: break;
        }
        Bytes one;
        addAnyCase(one, static_cast<unsigned char>(c));
        return position(one);
    }

    Bytes escaped()
    {
        Bytes set;
        if (m_at >= m_text.size()) {
            wrong("a \"\\\" ends it");
            return set;
        }
        const char c = m_text[m_at++];
        set = named(c);
        if (set.any()) return set;
        if (isLetter(static_cast<unsigned char>(c)) || (c >= '0' && c <= '9')) wrong(std::string("\"\\") + c + "\" is not known; there are \\d \\w \\s \\D \\W \\S");
        set.set(static_cast<unsigned char>(c));
        return set;
    }

    Bytes bracket()
    {
        Bytes set;
        const bool turned = m_at < m_text.size() && m_text[m_at] == '^';
        if (turned) ++m_at;
        for (bool begin = true;; begin = false) {
            if (!more()) {
                wrong("a \"[\" is not closed");
                return set;
            }
            const auto c = static_cast<unsigned char>(m_text[m_at++]);
            if (c == ']' && !begin) break;
            if (c == '\\') {
                set |= escaped();
                continue;
            }
            if (m_at + 1 >= m_text.size() || m_text[m_at] != '-' || m_text[m_at + 1] == ']') {
                addAnyCase(set, c);
                continue;
            }
            const auto last = static_cast<unsigned char>(m_text[m_at + 1]);
            m_at += 2;
            if (last < c || last == '\\') wrong("a range in \"[...]\" goes backwards");
            for (unsigned between = c; between <= last; ++between) addAnyCase(set, between);
        }
        return turned ? ~set : set;
    }

    Part position(const Bytes& takes)
    {
        if (m_positions == kPatternPositionsMax) {
            wrong("it is too long: at most " + std::to_string(kPatternPositionsMax) + " characters and classes");
            return {};
        }
        const std::uint64_t bit = 1ull << m_positions++;
        for (std::size_t c = 0; c < takes.size(); ++c)
            if (takes[c]) m_made.m_accepts[c] |= bit;
        return {bit, bit, false};
    }

    void join(std::uint64_t last, std::uint64_t first)
    {
        for (; last != 0; last &= last - 1) m_made.m_follow[static_cast<std::size_t>(std::countr_zero(last))] |= first;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    std::size_t m_positions = 0;
    Pattern m_made;
    std::string m_problem;
};

base::Result<Pattern> Pattern::compile(std::string_view text) { return PatternParser(text).parse(); }

bool Pattern::foundIn(std::string_view text) const
{
    if (m_empty && (!m_atBegin || !m_atEnd || text.empty())) return true;
    std::uint64_t at = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::uint64_t next = m_atBegin && i > 0 ? 0 : m_first;
        for (; at != 0; at &= at - 1) next |= m_follow[static_cast<std::size_t>(std::countr_zero(at))];
        at = next & m_accepts[static_cast<unsigned char>(text[i])];
        if ((at & m_last) != 0 && (!m_atEnd || i + 1 == text.size())) return true;
        if (at == 0 && m_atBegin) return false;
    }
    return false;
}

} // namespace orrery::types
