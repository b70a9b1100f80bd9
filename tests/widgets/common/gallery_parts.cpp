// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/widgets/common/gallery.h"

#include "widgets/common/buttons.h"
#include "widgets/common/chips.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/empty_state.h"
#include "widgets/common/format.h"
#include "widgets/common/house_paint.h"
#include "widgets/common/icons.h"
#include "widgets/common/key_value_list.h"
#include "widgets/common/scrub_label.h"
#include "widgets/common/search_field.h"
#include "widgets/common/section_head.h"
#include "widgets/common/sparkline.h"
#include "widgets/common/tab_bar.h"
#include "widgets/common/table_view.h"

#include <QCheckBox>
#include <QDirIterator>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QPainter>
#include <QProgressBar>
#include <QRadioButton>
#include <QSlider>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace orrery::test {

using namespace orrery::widgets;

namespace {

QString s(const char* text) { return QString::fromUtf8(text); }

QVBoxLayout* column(QWidget* widget, int margin = 0, int spacing = 0)
{
    auto* layout = new QVBoxLayout(widget);
    layout->setContentsMargins(margin, margin, margin, margin);
    layout->setSpacing(spacing);
    return layout;
}

class Swatches final : public QWidget {
public:
    using QWidget::QWidget;

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.fillRect(rect(), color(Token::Canvas));
        painter.setFont(Theme::of().font(FontRole::MonoTiny));
        for (int i = 0; i < int(Token::Count); ++i) square(painter, 12 + i % 24 * 52, 12 + i / 24 * 40, color(Token(i)), QString::number(i));
        const char* functions[] = {"render", "blur", "colour map", "edges", "mosaic", "sharpen", "annotate", "histogram", "png", "tiles", "window", "split", "hash", "merge", "add", "sum"};
        int x = 12;
        for (const char* name : functions) {
            const QString full = s("imaging.") + s(name);
            square(painter, x, 100, Theme::of().function(full), s(name));
            square(painter, x, 138, Theme::of().functionSpan(full), s(""));
            x += 72;
        }
        x = 12;
        for (const char* type : {"tensor", "image", "json", "list<json>", "table", "bytes", "string", "f64", "any", "list<image>"}) {
            square(painter, x, 176, Theme::of().portType(s(type)), s(type));
            x += 72;
        }
        for (int i = 0; i < 8; ++i) paintNodeChip(painter, QRectF(x + i * 22, 176, 16, 16), i, QChar(u'A' + i));
        x = 12;
        for (int state = 0; state < types::kTaskStates; ++state) {
            drawStateGlyph(painter, QRectF(x, 214, 14, 14), types::TaskState(state));
            drawStateGlyph(painter, QRectF(x + 24, 208, 28, 28), types::TaskState(state));
            paint::fillRound(painter, QRectF(x + 60, 208, 28, 28), color(Token::Panel));
            drawStateGlyph(painter, QRectF(x + 67, 215, 14, 14), types::TaskState(state));
            x += 104;
        }
        QStringList names;
        for (QDirIterator it(s(":/icons")); it.hasNext();) names << QFileInfo(it.next()).baseName();
        names.sort();
        for (int i = 0; i < names.size(); ++i) icon(names[i]).paint(&painter, QRect(12 + i % 44 * 30, 256 + i / 44 * 30, 16, 16));
        for (int i = 0; i < names.size(); ++i) icon(names[i], Token::Text).paint(&painter, QRect(12 + i % 44 * 30, 322 + i / 44 * 40, 24, 24));
    }

private:
    static void square(QPainter& painter, int x, int y, const QColor& fill, const QString& name)
    {
        paint::fillRound(painter, QRectF(x, y, 44, 18), fill, 3);
        painter.setPen(color(Token::Muted));
        painter.drawText(QRect(x, y + 18, 72, 14), Qt::AlignLeft, name);
    }
};

QTreeWidgetItem* item(QTreeWidgetItem* parent, const char* text, const char* iconName, const QFont& font)
{
    auto* made = new QTreeWidgetItem(parent, {s(text)});
    if (*iconName) made->setIcon(0, icon(s(iconName)));
    made->setFont(0, font);
    return made;
}

} // namespace

QWidget* swatchesPart(QWidget* parent) { return new Swatches(parent); }

QWidget* libraryPart(QWidget* parent)
{
    auto* part = new QWidget(parent);
    auto* layout = column(part);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(8, 8, 8, 8);
    head->addWidget(new SearchField(s("Filter tasks"), s("Tab"), part));
    layout->addLayout(head);
    auto* tree = new QTreeWidget(part);
    tree->setHeaderHidden(true);
    const Theme& theme = Theme::of();
    auto* imaging = item(tree->invisibleRootItem(), "imaging", "layers", theme.font(FontRole::Title));
    auto* fractal = item(imaging, "Fractal", "", theme.font(FontRole::Ui));
    for (const auto& [text, iconName] : {std::pair{"zoom window", "square"}, {"tiles list", "list"}, {"render", "tensor"}}) item(fractal, text, iconName, theme.font(FontRole::Ui));
    auto* filter = item(imaging, "Filter", "", theme.font(FontRole::Ui));
    for (const auto& [text, iconName] : {std::pair{"blur", "drop"}, {"colour map", "palette"}, {"edges", "curve"}, {"sharpen", "triangle"}}) item(filter, text, iconName, theme.font(FontRole::Ui));
    item(item(tree->invisibleRootItem(), "basic", "layers", theme.font(FontRole::Title)), "add", "plus", theme.font(FontRole::Ui));
    for (int i = 0; i < 40; ++i) item(filter, "another", "chart", theme.font(FontRole::Ui));
    imaging->setExpanded(true);
    fractal->setExpanded(true);
    filter->setExpanded(true);
    tree->setCurrentItem(fractal->child(2));
    layout->addWidget(tree, 1);
    return part;
}

QWidget* tablePart(QWidget* parent)
{
    auto* model = new QStandardItemModel(0, 7, parent);
    model->setHorizontalHeaderLabels({s("id"), s("type"), s("shape"), s("bytes"), s("producer"), s("locations"), s("state")});
    for (int row = 0; row < 60; ++row) {
        QList<QStandardItem*> cells;
        for (const QString& text : {idText(s("O-91c2aa00bbccddeeff00112233%1").arg(1000 + row * 77, 4, 16)), s("image"), s("4096 × 4096 × 4"), bytesText(67'108'864 >> row % 20), s("colour map [%1]").arg(row), QString(), s("referenced")})
            cells << new QStandardItem(text);
        for (const int mono : {0, 1, 2, 3}) cells[mono]->setData(int(FontRole::Mono), FontCellRole);
        for (const int muted : {1, 2}) cells[muted]->setData(true, MutedCellRole);
        cells[3]->setTextAlignment(Qt::AlignRight);
        cells[4]->setData(Theme::of().function(s("imaging.%1").arg(row % 7)), Qt::DecorationRole);
        QVariantList nodes{QVariantMap{{s("number"), row % 3}, {s("letter"), QString(QChar(u'A' + row % 3))}}};
        if (row % 4 == 0) nodes << QVariantMap{{s("number"), 3}, {s("letter"), s("D")}, {s("lost"), true}};
        cells[5]->setData(nodes, NodesCellRole);
        cells[6]->setData(row % types::kTaskStates, StateCellRole);
        model->appendRow(cells);
    }
    model->setHeaderData(3, Qt::Horizontal, int(Qt::AlignRight | Qt::AlignVCenter), Qt::TextAlignmentRole);
    QTableView* view = tableView(parent);
    view->setAccessibleName(s("Objects"));
    view->setModel(model);
    view->setSortingEnabled(true);
    view->horizontalHeader()->setSortIndicator(3, Qt::DescendingOrder);
    const int widths[] = {130, 80, 140, 110, 150, 90};
    for (int i = 0; i < 6; ++i) view->setColumnWidth(i, widths[i]);
    view->selectRow(2);
    return view;
}

QWidget* inspectorPart(QWidget* parent)
{
    auto* part = new QWidget(parent);
    auto* layout = column(part);
    auto* tabs = new TabBar(part);
    tabs->setCompact(true);
    for (const char* name : {"Value", "Params", "Inputs", "Why", "Log", "Perf"}) tabs->add(s(name));
    layout->addWidget(tabs);
    auto* facts = new KeyValueList(KeyValueList::Values::AtRight, part);
    facts->setLines(true);
    facts->setRows({{s("type"), s("tensor")}, {s("dtype"), s("f32")}, {s("shape"), s("256 × 256")}, {s("bytes"), bytesText(262'144)}, {s("min"), s("67.8")}});
    layout->addWidget(facts);
    auto* where = new SectionHead(s("Where"), part);
    auto* places = new KeyValueList(KeyValueList::Values::InColumn, part);
    places->setInsets(28, 12);
    KeyValue on{s("on"), s("primary"), s("2 readers")};
    on.node = 1;
    on.nodeLetter = s("B");
    on.prose = true;
    KeyValue producer{s("producer"), s("render [93]")};
    producer.link = true;
    places->setRows({{s("object"), idText(s("O-3fa9aaaabbbbccccddddeeeeffffe1d7"))}, on, producer, {s("path"), s("somewhere/a/very/long/path/that/does/not/fit/in.bin")}});
    where->setBody(places);
    layout->addWidget(where);
    layout->addWidget(places);
    auto* attempts = new SectionHead(s("Attempts"), part);
    attempts->setValue(s("1"));
    layout->addWidget(attempts);
    auto* closed = new SectionHead(s("Lineage"), part);
    closed->setValue(s("3 steps shown"));
    closed->setOpen(false);
    layout->addWidget(closed);
    auto* why = new TextLabel(s("Input is 96 B and travels inline: any node will do. B had the first free worker; A was 4 of 4 busy."), FontRole::Secondary, Token::Muted, part);
    why->setWordWrap(true);
    why->setContentsMargins(28, 4, 12, 4);
    layout->addWidget(why);
    auto* buttons = new QHBoxLayout;
    buttons->setContentsMargins(12, 8, 12, 8);
    buttons->setSpacing(8);
    buttons->addWidget(new FlatButton(s("eye"), s("Open"), part));
    buttons->addWidget(new FlatButton(s("disk"), s("Save…"), part));
    buttons->addWidget(new FlatButton(s("Filter to this"), FlatButton::Kind::Primary, part));
    buttons->addStretch();
    layout->addLayout(buttons);
    auto* tags = new QHBoxLayout;
    tags->setContentsMargins(12, 0, 12, 8);
    tags->setSpacing(8);
    tags->addWidget(new TypeTag(s("image"), part));
    tags->addWidget(new HintChip(s("Ctrl+K"), part));
    tags->addWidget(new NodeChip(0, s("A"), part));
    auto* cut = new ElidedLabel(s("/a/path/that/is/cut/in/its/middle.bin"), FontRole::Mono, Token::Text, part);
    cut->setElide(Qt::ElideMiddle);
    cut->setFixedWidth(120);
    tags->addWidget(cut);
    tags->addStretch();
    layout->addLayout(tags);
    layout->addStretch(1);
    layout->addWidget(new EmptyState(s("No run yet."), s("Run (F5)"), part));
    return part;
}

QWidget* controlsPart(QWidget* parent)
{
    auto* part = new QWidget(parent);
    auto* layout = column(part, 12, 8);
    const auto row = [&](std::initializer_list<QWidget*> widgets) {
        auto* line = new QHBoxLayout;
        line->setSpacing(12);
        for (QWidget* widget : widgets) line->addWidget(widget);
        line->addStretch();
        layout->addLayout(line);
    };
    auto* check = new QCheckBox(s("Checked"), part);
    check->setChecked(true);
    auto* partly = new QCheckBox(s("Partly"), part);
    partly->setTristate(true);
    partly->setCheckState(Qt::PartiallyChecked);
    auto* off = new QCheckBox(s("Disabled"), part);
    off->setEnabled(false);
    row({check, new QCheckBox(s("Off"), part), partly, off});
    auto* radio = new QRadioButton(s("This one"), part);
    radio->setChecked(true);
    row({radio, new QRadioButton(s("That one"), part)});
    auto* spin = new QSpinBox(part);
    spin->setRange(0, 1000);
    spin->setValue(256);
    spin->setSuffix(s(" px"));
    auto* real = new QDoubleSpinBox(part);
    real->setValue(0.5);
    row({new ScrubLabel(s("width"), spin, part), spin, new ScrubLabel(s("gamma"), real, part), real});
    auto* edit = new QLineEdit(s("text"), part);
    auto* empty = new QLineEdit(part);
    empty->setPlaceholderText(s("placeholder"));
    auto* disabled = new QLineEdit(s("disabled"), part);
    disabled->setEnabled(false);
    row({edit, empty, disabled});
    auto* combo = new QComboBox(part);
    combo->addItems({s("stock combo"), s("two")});
    auto* editable = new QComboBox(part);
    editable->setEditable(true);
    editable->addItems({s("editable")});
    row({combo, editable});
    auto* slider = new QSlider(Qt::Horizontal, part);
    slider->setValue(60);
    slider->setFixedWidth(200);
    auto* progress = new QProgressBar(part);
    progress->setValue(40);
    progress->setFixedWidth(160);
    row({slider, progress});
    auto* push = new QPushButton(s("Stock button"), part);
    auto* dead = new FlatButton(s("Disabled"), FlatButton::Kind::Plain, part);
    dead->setEnabled(false);
    auto* deadPrimary = new FlatButton(s("Disabled primary"), FlatButton::Kind::Primary, part);
    deadPrimary->setEnabled(false);
    row({push, new FlatButton(s("Go to node"), FlatButton::Kind::Plain, part), dead, deadPrimary});
    auto* spark = new Sparkline(part);
    std::vector<float> load;
    for (int i = 0; i < 200; ++i) load.push_back(i < 120 ? .05F + .02F * float(i % 7) / 7 : .9F + .05F * float(i % 5) / 5);
    spark->setValues(load, 1, 300);
    spark->setFixedWidth(160);
    row({spark});
    layout->addStretch();
    return part;
}

} // namespace orrery::test
