// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// What the small widgets promise to panels: numbers as text, tabs that do not fit, sections that close, toasts that wait.
#include "widgets/common/buttons.h"
#include "widgets/common/dock_title.h"
#include "widgets/common/edge_grab.h"
#include "widgets/common/elided_label.h"
#include "widgets/common/format.h"
#include "widgets/common/key_value_list.h"
#include "widgets/common/scrub_label.h"
#include "widgets/common/search_field.h"
#include "widgets/common/section_head.h"
#include "widgets/common/state_bar.h"
#include "widgets/common/tab_bar.h"
#include "widgets/common/table_view.h"
#include "widgets/common/toast.h"

#include <QAccessible>
#include <QApplication>
#include <QDockWidget>
#include <QHeaderView>
#include <QMainWindow>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QTest>

using namespace orrery;
using namespace orrery::widgets;

namespace {

QString s(const char* text) { return QString::fromUtf8(text); }

void shown(QWidget& widget)
{
    widget.show();
    QVERIFY(QTest::qWaitForWindowExposed(&widget));
}

} // namespace

class TestWidgets : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { installTheme(*qApp, Theme::Mode::Dark); }

    void numbersReadAsTheDesignHasThem()
    {
        QCOMPARE(countText(0), s("0"));
        QCOMPARE(countText(1'032), s("1,032"));
        QCOMPARE(countText(67'108'864), s("67,108,864"));
        QCOMPARE(bytesText(96), s("96 B"));
        QCOMPARE(bytesText(262'144), s("256 KiB"));
        QCOMPARE(bytesText(1'536), s("1.5 KiB"));
        QCOMPARE(bytesText(67'108'864), s("64.0 MiB"));
        QCOMPARE(bytesText(1'048'575), s("1.0 MiB")); // never "1024 KiB"
        QCOMPARE(bytesText(std::uint64_t(-1)), s("16.00 EiB"));
        QCOMPARE(bytesOfText(59'768'832, 536'870'912), s("57 / 512 MiB"));
        QCOMPARE(bytesOfText(687'194'767, 4'294'967'296), s("0.64 / 4.0 GiB"));
        QCOMPARE(rateText(4.6e6), s("4.6 MB/s"));
        QCOMPARE(durationText(277'000'000), s("277 ms"));
        QCOMPARE(durationText(3'335'000'000), s("3.335 s"));
        QCOMPARE(durationText(17'800'000), s("17.8 ms"));
        QCOMPARE(durationText(400'000), s("400 µs"));
        QCOMPARE(durationText(999'999), s("1.0 ms")); // never "1000 µs"
        QCOMPARE(durationText(125'000'000'000), s("2 min 05 s"));
        QCOMPARE(durationText(11'220'000'000'000), s("3 h 07 min"));
        QCOMPARE(durationText(-5'000'000), s("-5.0 ms"));
        QCOMPARE(ageText(900'000'000), s("0.9 s"));
        QCOMPARE(ageText(59'700'000'000), s("1 min"));
        QCOMPARE(clockText(5'600'000'000), s("00:00:05.600"));
        QCOMPARE(remainingText(5'000'000'000), s("0:05"));
        QCOMPARE(percentText(.98), s("98 %"));
        QCOMPARE(percentText(.001), s("<1 %"));
        QCOMPARE(numberText(-0.743643), s("-0.743643"));
        QCOMPARE(numberText(4.41e-4), s("0.000441"));
        QCOMPARE(numberText(4.41e-7), s("4.41e-7"));
        QCOMPARE(idText(s("T-7c1e00000000000000000000000004b2")), s("T·7c1e…04b2"));
        QCOMPARE(idText(s("short")), s("short"));
    }

    void tabsThatDoNotFitAreInTheMenuAndTheChosenOneIsNot()
    {
        TabBar bar;
        for (int i = 0; i < 8; ++i) bar.add(s("Some tab %1").arg(i));
        bar.resize(bar.sizeHint());
        shown(bar);
        QCOMPARE(bar.hiddenTabs(), 0);
        bar.setCurrentIndex(7);
        bar.resize(300, bar.height());
        QVERIFY(bar.hiddenTabs() > 0);
        QVERIFY(bar.isTabVisible(7));
        const auto* more = bar.findChild<QToolButton*>(QString(), Qt::FindDirectChildrenOnly);
        QVERIFY(more);
        for (auto* button : bar.findChildren<QToolButton*>())
            if (button->menu()) more = button;
        QTRY_VERIFY(more->isVisible());
        QCOMPARE(more->text(), u'+' + QString::number(bar.hiddenTabs()));
        Q_EMIT more->menu()->aboutToShow();
        QCOMPARE(more->menu()->actions().size(), bar.hiddenTabs());
        const QString wanted = more->menu()->actions().constFirst()->text();
        more->menu()->actions().constFirst()->trigger();
        QCOMPARE(bar.tabText(bar.currentIndex()), wanted);
        QVERIFY(bar.isTabVisible(bar.currentIndex()));
        for (int i = 0; i < bar.count(); ++i)
            if (bar.isTabVisible(i)) QVERIFY(bar.rect().contains(bar.tabRect(i)));
        bar.resize(bar.sizeHint());
        QCOMPARE(bar.hiddenTabs(), 0);
    }

    void aBadgeStaysWithItsTab()
    {
        TabBar bar;
        for (const char* name : {"A", "B", "C"}) bar.add(s(name));
        const int plain = bar.sizeHint().width();
        bar.setBadge(1, s("12"));
        QVERIFY(bar.sizeHint().width() > plain);
        bar.moveTab(1, 2);
        QCOMPARE(bar.badge(2), s("12"));
        bar.removeTab(0);
        QCOMPARE(bar.badge(1), s("12"));
        bar.setBadge(1, QString());
        QVERIFY(bar.sizeHint().width() < plain);
    }

    void aDocksTitleFloatsAndClosesIt()
    {
        QMainWindow window;
        auto* dock = new QDockWidget(s("Inspector"), &window);
        dock->setWidget(new QWidget);
        window.addDockWidget(Qt::RightDockWidgetArea, dock);
        auto* title = new DockTitle(dock);
        title->menu()->addAction(s("Panel's own"));
        shown(window);
        QCOMPARE(dock->titleBarWidget(), title);
        QCOMPARE(title->height(), int(metric::kTabRow));
        Q_EMIT title->menu()->aboutToShow();
        const auto actions = title->menu()->actions();
        QCOMPARE(actions.first()->text(), s("Panel's own"));
        QCOMPARE(actions[actions.size() - 2]->text(), s("Float"));
        actions[actions.size() - 2]->trigger();
        QVERIFY(dock->isFloating());
        actions.last()->trigger();
        QVERIFY(!dock->isVisible());
    }

    void aSeparatorIsGrabbedBesideItsPixel()
    {
        QMainWindow window;
        window.resize(800, 400);
        auto* dock = new QDockWidget(s("Left"), &window);
        dock->setWidget(new QWidget);
        window.addDockWidget(Qt::LeftDockWidgetArea, dock);
        auto* middle = new QWidget;
        window.setCentralWidget(middle);
        new EdgeGrab(&window);
        shown(window);
        window.resizeDocks({dock}, {200}, Qt::Horizontal);
        QTRY_COMPARE(dock->width(), 200);
        QVERIFY(window.isSeparator({200, 200}));
        const auto send = [&](QEvent::Type type, QPoint inWindow, Qt::MouseButtons buttons) {
            const QPoint global = window.mapToGlobal(inWindow);
            QMouseEvent event(type, QPointF(middle->mapFromGlobal(global)), QPointF(global), type == QEvent::MouseMove ? Qt::NoButton : Qt::LeftButton, buttons, Qt::NoModifier);
            QApplication::sendEvent(middle, &event);
        };
        send(QEvent::MouseMove, {203, 200}, Qt::NoButton);
        QCOMPARE(window.cursor().shape(), Qt::SplitHCursor);
        send(QEvent::MouseMove, {240, 200}, Qt::NoButton);
        QCOMPARE(window.cursor().shape(), Qt::ArrowCursor);
        send(QEvent::MouseButtonPress, {203, 200}, Qt::LeftButton);
        send(QEvent::MouseMove, {283, 200}, Qt::LeftButton);
        QTRY_COMPARE(dock->width(), 280);
        send(QEvent::MouseButtonRelease, {283, 200}, Qt::NoButton);
        send(QEvent::MouseButtonPress, {300, 200}, Qt::LeftButton); // not near: the window hears nothing
        send(QEvent::MouseMove, {340, 200}, Qt::LeftButton);
        QCOMPARE(dock->width(), 280);
    }

    void aSectionOpensAndClosesByMouseAndKeys()
    {
        QWidget window;
        SectionHead head(s("Where"), &window);
        head.resize(head.sizeHint());
        auto* body = new QWidget(&window);
        head.setBody(body);
        shown(window);
        QSignalSpy toggled(&head, &SectionHead::toggled);
        QTest::mouseClick(&head, Qt::LeftButton);
        QVERIFY(!head.isOpen() && body->isHidden());
        QVERIFY(head.accessibleDescription().contains(s("closed")));
        QTest::keyClick(&head, Qt::Key_Right);
        QVERIFY(head.isOpen() && !body->isHidden());
        QTest::keyClick(&head, Qt::Key_Left);
        QTest::keyClick(&head, Qt::Key_Space);
        QVERIFY(head.isOpen());
        QCOMPARE(toggled.count(), 4);
    }

    void linksOfAListAreReachedByMouseAndKeys()
    {
        KeyValueList list(KeyValueList::Values::InColumn);
        KeyValue link{s("producer"), s("render [93]")};
        link.link = true;
        list.setRows({{s("object"), s("O·1")}, link, {s("x"), s("y")}, link});
        list.resize(300, list.sizeHint().height());
        shown(list);
        QSignalSpy activated(&list, &KeyValueList::linkActivated);
        QTest::mouseClick(&list, Qt::LeftButton, {}, {110, metric::kRow + 12});
        QTest::mouseClick(&list, Qt::LeftButton, {}, {110, 12}); // not a link
        QCOMPARE(activated.count(), 1);
        QCOMPARE(activated.takeFirst().at(0).toInt(), 1);
        list.setFocus(Qt::TabFocusReason);
        QTRY_VERIFY(list.hasFocus());
        QTest::keyClick(&list, Qt::Key_Down);
        QTest::keyClick(&list, Qt::Key_Return);
        QCOMPARE(activated.takeFirst().at(0).toInt(), 3);
    }

    void aSearchIsToldAfterARestOfTypingAndClearedByEscape()
    {
        SearchField field(s("Filter"), s("Tab"));
        shown(field);
        QSignalSpy searched(&field, &SearchField::searched);
        QTest::keyClicks(&field, s("dur"));
        QCOMPARE(searched.count(), 0);
        QTRY_COMPARE(searched.count(), 1);
        QCOMPARE(searched.takeFirst().at(0).toString(), s("dur"));
        QTest::keyClick(&field, Qt::Key_Escape);
        QCOMPARE(searched.count(), 1);
        QVERIFY(field.text().isEmpty());
    }

    void segmentsTellWhatTheUserChoseAndOnlyThat()
    {
        Segments segments;
        for (const char* name : {"Build", "Run", "Debug"}) segments.add(s(name));
        shown(segments);
        QSignalSpy chosen(&segments, &Segments::chosen);
        segments.setCurrent(2);
        QCOMPARE(chosen.count(), 0);
        auto buttons = segments.findChildren<QAbstractButton*>();
        QVERIFY(buttons[2]->isChecked());
        QTest::mouseClick(buttons[1], Qt::LeftButton);
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(segments.current(), 1);
        QVERIFY(!buttons[2]->isChecked());
    }

    void aToastStaysWhileTheMouseIsOverItAndGoesByEscape()
    {
        QWidget window;
        window.resize(800, 400);
        shown(window);
        Theme::of().setReduceMotion(true);
        QPointer<Toast> first = Toast::show(&window, {s("One"), {}, {}, {}});
        QPointer<Toast> toast = Toast::show(&window, {s("Two"), s("detail"), s("Show"), types::TaskState::Failed});
        QVERIFY(first.isNull()); // one at a time
        QCOMPARE(toast->geometry().bottom(), window.height() - 12 - 1);
        QVERIFY(window.rect().contains(toast->geometry()));
        window.resize(500, 300);
        QTRY_COMPARE(toast->geometry().bottom(), window.height() - 12 - 1);
        QSignalSpy action(toast, &Toast::actionTriggered);
        QTest::mouseClick(toast->findChild<FlatButton*>(), Qt::LeftButton);
        QCOMPARE(action.count(), 1);
        QTRY_VERIFY(toast.isNull());
        toast = Toast::show(&window, {s("Three"), {}, {}, {}});
        QTest::keyClick(toast, Qt::Key_Escape);
        QTRY_VERIFY(toast.isNull());
    }

    void aSingleFailureAmongAMillionIsSeenInTheBar()
    {
        QImage image(200, 6, QImage::Format_RGB32);
        image.fill(color(Token::Panel));
        types::StateCounts counts{};
        counts[std::size_t(types::TaskState::Finished)] = 999'999;
        counts[std::size_t(types::TaskState::Failed)] = 1;
        counts[std::size_t(types::TaskState::PendingArgs)] = 1'000'000;
        QPainter painter(&image);
        paintStateBar(painter, QRectF(0, 0, 200, 6), counts);
        painter.end();
        bool seen = false;
        for (int x = 0; x < image.width(); ++x) seen |= image.pixelColor(x, 3).rgb() == color(Token::Failed).rgb();
        QVERIFY(seen);
        QCOMPARE(image.pixelColor(50, 3).rgb(), color(Token::Succeeded).rgb());
        QCOMPARE(image.pixelColor(150, 3).rgb(), color(Token::BarEmpty).rgb());
    }

    void aCutTextKeepsItsEnds()
    {
        ElidedLabel label(s("a text that does not fit at all"));
        label.resize(60, 20);
        QVERIFY(label.isCut());
        label.resize(label.sizeHint());
        QVERIFY(!label.isCut());
        QCOMPARE(label.accessibleName(), label.text());
    }

    void draggingALabelChangesItsValue()
    {
        QWidget window;
        QSpinBox box(&window);
        box.setRange(0, 1'000);
        box.setValue(100);
        ScrubLabel label(s("width"), &box, &window);
        label.resize(80, 24);
        shown(window);
        QTest::mousePress(&label, Qt::LeftButton, {}, {10, 10});
        QMouseEvent move(QEvent::MouseMove, QPointF(50, 10), label.mapToGlobal(QPointF(50, 10)), Qt::NoButton, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&label, &move);
        QTest::mouseRelease(&label, Qt::LeftButton, {}, {50, 10});
        QCOMPARE(box.value(), 110);
    }

    void aScreenReaderHearsWhatAWidgetIsAndCanPressIt()
    {
        QWidget window;
        SectionHead head(s("Where"), &window);
        Segments segments(&window);
        segments.add(s("Build"));
        segments.add(s("Run"));
        ElidedLabel label(s("a text"), FontRole::Ui, Token::Text, &window);
        shown(window);
        auto* section = QAccessible::queryAccessibleInterface(&head);
        QCOMPARE(section->text(QAccessible::Name), s("Where"));
        QVERIFY(section->state().expandable && section->state().expanded);
        section->actionInterface()->doAction(QAccessibleActionInterface::pressAction());
        QVERIFY(!head.isOpen() && section->state().collapsed);
        auto* run = QAccessible::queryAccessibleInterface(segments.findChildren<QAbstractButton*>()[1]);
        QCOMPARE(run->role(), QAccessible::RadioButton);
        QCOMPARE(run->text(QAccessible::Name), s("Run"));
        QSignalSpy chosen(&segments, &Segments::chosen);
        run->actionInterface()->doAction(QAccessibleActionInterface::pressAction());
        QCOMPARE(chosen.count(), 1);
        QVERIFY(run->state().checked);
        QCOMPARE(QAccessible::queryAccessibleInterface(&label)->text(QAccessible::Name), s("a text"));
    }

    void aTableHasTheHousesRowsAndHoversThemWhole()
    {
        QWidget window;
        window.resize(600, 300);
        QTableView* view = tableView(&window);
        QStandardItemModel model(1'000, 4);
        view->setModel(&model);
        view->resize(600, 300);
        shown(window);
        QCOMPARE(view->rowHeight(5), int(metric::kRow));
        QCOMPARE(view->horizontalHeader()->height(), int(metric::kRow));
        QCOMPARE(view->verticalScrollBar()->width(), int(metric::kScrollBar));
        const auto ground = [&](int row) { return view->viewport()->grab().toImage().pixelColor(view->viewport()->width() - 3, row * metric::kRow + 12).rgb(); };
        QCOMPARE(ground(2), color(Token::Panel).rgb());
        QCOMPARE(ground(3), color(Token::Zebra).rgb());
        QTest::mouseMove(view->viewport(), {20, 2 * metric::kRow + 12});
        QMouseEvent move(QEvent::MouseMove, QPointF(20, 2 * metric::kRow + 12), view->viewport()->mapToGlobal(QPointF(20, 60)), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
        QApplication::sendEvent(view->viewport(), &move);
        QCOMPARE(ground(2), color(Token::Hover).rgb());
        view->selectRow(4);
        view->setFocus();
        QTRY_VERIFY(view->hasFocus());
        QCOMPARE(ground(4), color(Token::Selection).rgb());
        view->clearFocus();
        QCOMPARE(ground(4), color(Token::SelectionAway).rgb());
    }
};

QTEST_MAIN(TestWidgets)
#include "tst_widgets.moc"
