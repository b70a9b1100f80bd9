// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// tabular_figures IN.otf OUT.otf: copies an OpenType font so that 0 to 9 are the figures of one width that its feature
// `tnum` names. Qt 6.4 cannot switch a font's features on, and columns of numbers must not tremble.
// Runs on: the build machine, on a font of a trusted package; still, every read is checked and a wrong font is one sentence.
// How: GSUB says which glyph replaces which; a new `cmap` (one table of format 12) says so for good. No glyph is touched.
// The copy is called "Inter Tabular": where Inter itself is installed, a font of the same name would win or lose by chance.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Bytes = std::vector<unsigned char>;
using GlyphOf = std::map<std::uint32_t, std::uint32_t>;

// Big-endian numbers of a range of bytes; offsets count from its start.
class View {
public:
    View(const Bytes& bytes, std::size_t at) : m_bytes(&bytes), m_at(at) {}
    std::uint32_t u8(std::size_t offset) const
    {
        if (m_at + offset >= m_bytes->size()) throw std::runtime_error("it ends inside a table");
        return (*m_bytes)[m_at + offset];
    }
    std::uint32_t u16(std::size_t offset) const { return u8(offset) << 8 | u8(offset + 1); }
    std::uint32_t u32(std::size_t offset) const { return u16(offset) << 16 | u16(offset + 2); }
    View at(std::size_t offset) const { return {*m_bytes, m_at + offset}; }

private:
    const Bytes* m_bytes;
    std::size_t m_at;
};

void put16(Bytes& to, std::uint32_t value)
{
    to.push_back(static_cast<unsigned char>(value >> 8));
    to.push_back(static_cast<unsigned char>(value));
}

void put32(Bytes& to, std::uint32_t value)
{
    put16(to, value >> 16);
    put16(to, value & 0xffff);
}

struct Table {
    std::string tag;
    std::size_t offset = 0, length = 0;
};

std::vector<Table> tablesOf(const Bytes& font)
{
    const View file(font, 0);
    if (file.u32(0) != 0x4f54544f && file.u32(0) != 0x00010000) throw std::runtime_error("it is not an OpenType font");
    std::vector<Table> tables;
    for (std::uint32_t i = 0; i < file.u16(4); ++i) {
        const View entry = file.at(12 + 16 * i);
        Table table;
        for (std::size_t c = 0; c < 4; ++c) table.tag += static_cast<char>(entry.u8(c));
        table.offset = entry.u32(8);
        table.length = entry.u32(12);
        if (table.offset + table.length > font.size()) throw std::runtime_error("its table " + table.tag + " is cut off");
        tables.push_back(table);
    }
    return tables;
}

const Table& find(const std::vector<Table>& tables, const char* tag)
{
    const auto it = std::find_if(tables.begin(), tables.end(), [&](const Table& table) { return table.tag == tag; });
    if (it == tables.end()) throw std::runtime_error(std::string("it has no table ") + tag);
    return *it;
}

void readFormat4(const View& table, GlyphOf& glyphs)
{
    const std::uint32_t segments = table.u16(6) / 2;
    const View ends = table.at(14), starts = table.at(16 + 2 * segments), deltas = table.at(16 + 4 * segments),
               ranges = table.at(16 + 6 * segments);
    for (std::uint32_t s = 0; s < segments; ++s)
        for (std::uint32_t code = starts.u16(2 * s); code <= ends.u16(2 * s) && code != 0xffff; ++code) {
            const std::uint32_t range = ranges.u16(2 * s);
            std::uint32_t glyph = code;
            if (range != 0) glyph = ranges.u16(2 * s + range + 2 * (code - starts.u16(2 * s)));
            if (range == 0 || glyph != 0) glyph = (glyph + deltas.u16(2 * s)) & 0xffff;
            if (glyph != 0) glyphs[code] = glyph;
        }
}

void readFormat12(const View& table, GlyphOf& glyphs)
{
    for (std::uint32_t g = 0; g < table.u32(12); ++g) {
        const View group = table.at(16 + 12 * g);
        const std::uint32_t first = group.u32(0), last = group.u32(4);
        if (last < first || last > 0x10ffff) throw std::runtime_error("its cmap names characters that do not exist");
        for (std::uint32_t code = first; code <= last; ++code) glyphs[code] = group.u32(8) + code - first;
    }
}

GlyphOf readGlyphs(const View& cmap)
{
    GlyphOf glyphs;
    for (const std::uint32_t wanted : {4u, 12u}) // what both know, the larger says the same
        for (std::uint32_t i = 0; i < cmap.u16(2); ++i) {
            const View table = cmap.at(cmap.u32(4 + 8 * i + 4));
            if (table.u16(0) != wanted) continue;
            wanted == 4 ? readFormat4(table, glyphs) : readFormat12(table, glyphs);
        }
    return glyphs;
}

// The place of each covered glyph in the order of the coverage table.
std::vector<std::uint32_t> readCoverage(const View& table)
{
    std::vector<std::uint32_t> glyphs;
    for (std::uint32_t i = 0; i < table.u16(2); ++i) {
        if (table.u16(0) == 1) {
            glyphs.push_back(table.u16(4 + 2 * i));
            continue;
        }
        for (std::uint32_t g = table.u16(4 + 6 * i); g <= table.u16(6 + 6 * i); ++g) glyphs.push_back(g);
    }
    return glyphs;
}

void readSingle(const View& table, GlyphOf& swaps)
{
    const auto covered = readCoverage(table.at(table.u16(2)));
    for (std::size_t i = 0; i < covered.size(); ++i)
        swaps.emplace(covered[i], table.u16(0) == 1 ? (covered[i] + table.u16(4)) & 0xffff : table.u16(6 + 2 * i));
}

// Which glyph stands in for which where `feature` is on.
GlyphOf readSwaps(const View& gsub, std::uint32_t feature)
{
    const View features = gsub.at(gsub.u16(6)), lookups = gsub.at(gsub.u16(8));
    GlyphOf swaps;
    for (std::uint32_t f = 0; f < features.u16(0); ++f) {
        if (features.u32(2 + 6 * f) != feature) continue;
        const View entry = features.at(features.u16(6 + 6 * f));
        for (std::uint32_t l = 0; l < entry.u16(2); ++l) {
            const View lookup = lookups.at(lookups.u16(2 + 2 * entry.u16(4 + 2 * l)));
            for (std::uint32_t t = 0; t < lookup.u16(4); ++t) {
                View table = lookup.at(lookup.u16(6 + 2 * t));
                std::uint32_t kind = lookup.u16(0);
                if (kind == 7) { // an extension points at the real one
                    kind = table.u16(2);
                    table = table.at(table.u32(4));
                }
                if (kind == 1) readSingle(table, swaps);
            }
        }
    }
    return swaps;
}

Bytes writeCmap(const GlyphOf& glyphs)
{
    Bytes groups;
    std::uint32_t count = 0;
    for (auto it = glyphs.begin(); it != glyphs.end();) {
        const auto first = it;
        std::uint32_t last = it->first;
        for (++it; it != glyphs.end() && it->first == last + 1 && it->second == first->second + (it->first - first->first); ++it) ++last;
        put32(groups, first->first);
        put32(groups, last);
        put32(groups, first->second);
        ++count;
    }
    Bytes cmap;
    put16(cmap, 0);
    put16(cmap, 2);
    for (const std::uint32_t where : {0x00000004u, 0x0003000au}) { // Unicode, and what Windows calls it
        put32(cmap, where);
        put32(cmap, 20);
    }
    put32(cmap, 12u << 16);
    put32(cmap, static_cast<std::uint32_t>(16 + groups.size()));
    put32(cmap, 0);
    put32(cmap, count);
    cmap.insert(cmap.end(), groups.begin(), groups.end());
    return cmap;
}

// Family, full and PostScript names get " Tabular" behind their first word ("Tabular" in a PostScript name).
std::string renamed(std::string text, std::uint32_t id, std::size_t width)
{
    if (id != 1 && id != 4 && id != 6 && id != 16) return text;
    std::string word = id == 6 ? "Tabular" : " Tabular";
    if (width == 2) // UTF-16, big end first
        for (std::size_t i = 0; i < word.size(); i += 2) word.insert(i, 1, '\0');
    std::size_t at = 0;
    while (at + width <= text.size() && text[at + width - 1] != ' ' && text[at + width - 1] != '-') at += width;
    return text.insert(at, word);
}

Bytes writeNames(const View& table)
{
    const std::uint32_t count = table.u16(2);
    const View stored = table.at(table.u16(4));
    Bytes names, strings;
    put16(names, 0);
    put16(names, count);
    put16(names, 6 + 12 * count);
    for (std::uint32_t i = 0; i < count; ++i) {
        const View record = table.at(6 + 12 * i);
        std::string text;
        for (std::uint32_t c = 0; c < record.u16(8); ++c) text += static_cast<char>(stored.u8(record.u16(10) + c));
        text = renamed(text, record.u16(6), record.u16(0) == 1 ? 1 : 2); // Macintosh: one byte a letter
        for (std::uint32_t field = 0; field < 4; ++field) put16(names, record.u16(2 * field));
        put16(names, static_cast<std::uint32_t>(text.size()));
        put16(names, static_cast<std::uint32_t>(strings.size()));
        strings.insert(strings.end(), text.begin(), text.end());
    }
    if (strings.size() > 0xffff) throw std::runtime_error("its names are longer than a table of names can be");
    names.insert(names.end(), strings.begin(), strings.end());
    return names;
}

std::uint32_t sumOf(const Bytes& bytes, std::size_t begin, std::size_t end)
{
    std::uint32_t sum = 0;
    for (std::size_t i = begin; i < end; ++i) sum += static_cast<std::uint32_t>(bytes[i]) << (24 - 8 * ((i - begin) % 4));
    return sum;
}

using NewTables = std::map<std::string, Bytes>; // by tag

Bytes withTables(const Bytes& font, const std::vector<Table>& tables, const NewTables& replaced)
{
    Bytes out(font.begin(), font.begin() + 12);
    out.resize(12 + 16 * tables.size());
    std::size_t head = 0;
    for (std::size_t i = 0; i < tables.size(); ++i) {
        const Table& table = tables[i];
        const std::size_t at = out.size();
        const auto other = replaced.find(table.tag);
        if (other != replaced.end()) out.insert(out.end(), other->second.begin(), other->second.end());
        else out.insert(out.end(), font.begin() + static_cast<std::ptrdiff_t>(table.offset), font.begin() + static_cast<std::ptrdiff_t>(table.offset + table.length));
        const std::size_t length = out.size() - at;
        out.resize((out.size() + 3) / 4 * 4);
        if (table.tag == "head") {
            head = at;
            std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(at) + 8, 4, static_cast<unsigned char>(0));
        }
        Bytes entry(table.tag.begin(), table.tag.end());
        put32(entry, sumOf(out, at, out.size()));
        put32(entry, static_cast<std::uint32_t>(at));
        put32(entry, static_cast<std::uint32_t>(length));
        std::copy(entry.begin(), entry.end(), out.begin() + static_cast<std::ptrdiff_t>(12 + 16 * i));
    }
    if (head == 0) throw std::runtime_error("it has no table head");
    Bytes adjustment;
    put32(adjustment, 0xb1b0afbau - sumOf(out, 0, out.size()));
    std::copy(adjustment.begin(), adjustment.end(), out.begin() + static_cast<std::ptrdiff_t>(head) + 8);
    return out;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) {
        std::fputs("usage: tabular_figures IN.otf OUT.otf\n", stderr);
        return 2;
    }
    try {
        std::ifstream in(argv[1], std::ios::binary);
        const Bytes font((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
        const auto tables = tablesOf(font);
        GlyphOf glyphs = readGlyphs(View(font, find(tables, "cmap").offset));
        const GlyphOf swaps = readSwaps(View(font, find(tables, "GSUB").offset), 0x746e756d /* tnum */);
        for (std::uint32_t digit = '0'; digit <= '9'; ++digit) {
            const auto swap = swaps.find(glyphs.at(digit));
            if (swap == swaps.end()) throw std::runtime_error("its feature tnum does not know the digit " + std::to_string(digit - '0'));
            glyphs[digit] = swap->second;
        }
        const Bytes names = writeNames(View(font, find(tables, "name").offset));
        const Bytes out = withTables(font, tables, {{"cmap", writeCmap(glyphs)}, {"name", names}});
        std::ofstream file(argv[2], std::ios::binary);
        file.write(reinterpret_cast<const char*>(out.data()), static_cast<std::streamsize>(out.size()));
        file.close();
        if (!file) throw std::runtime_error(std::string(argv[2]) + " could not be written");
        return 0;
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "tabular_figures: %s: %s\n", argv[1], problem.what());
        return 1;
    }
}
