// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
// Library > New: a task library of one's own is made, shown, opened, used and built again when it is saved, while the window stays open.
#include "tests/gui/window_home.h"
#include "widgets/common/elided_label.h"
#include "widgets/pages/library_model.h"
#include "widgets/pages/library_panel.h"
#include "widgets/pages/new_library_sheet.h"

#include <QDesktopServices>
#include <QFile>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QTemporaryDir>
#include <QToolButton>
#include <QTreeView>
#include <QUrl>

using namespace orrery;
using namespace orrery::tests;

namespace {
constexpr int kBuildMs = 180'000; // compiling beside a window and a node on a busy machine
}

class TestNewLibrary : public QObject {
    Q_OBJECT

    std::unique_ptr<WindowHome> m_home;
    std::unique_ptr<app::MainWindow> m_window;
    QTemporaryDir m_folder;
    QList<QUrl> m_opened;

    widgets::NewLibrarySheet* sheet() const { return m_window->findChild<widgets::NewLibrarySheet*>(); }
    QLineEdit* field(const QString& name) const { return sheet()->findChild<QLineEdit*>(name); }
    QString words() const { return sheet()->findChild<widgets::TextLabel*>(QStringLiteral("words"))->text(); }
    QString source() const { return m_folder.filePath(QStringLiteral("mine/painted/painted.cpp")); }
    bool logged(const QString& text) const
    {
        const auto& lines = m_window->run().logs();
        return std::any_of(lines.begin(), lines.end(), [&](const auto& line) { return line.node == widgets::kThisWindow && QString::fromStdString(line.text).contains(text); });
    }
    // What a person types into the open sheet; Enter ends it.
    void type(const QString& name, const QString& folder)
    {
        QTRY_VERIFY(field(QStringLiteral("name"))->hasFocus());
        QTest::keyClick(field(QStringLiteral("name")), Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(field(QStringLiteral("name")), name);
        QTest::keyClick(field(QStringLiteral("name")), Qt::Key_Tab);
        QVERIFY(field(QStringLiteral("folder"))->hasFocus());
        QTest::keyClick(field(QStringLiteral("folder")), Qt::Key_A, Qt::ControlModifier);
        QTest::keyClicks(field(QStringLiteral("folder")), folder);
        QTest::keyClick(field(QStringLiteral("folder")), Qt::Key_Return);
    }
    void change(const QByteArray& before, const QByteArray& after) const
    {
        QFile file(source());
        QVERIFY(file.open(QIODevice::ReadOnly));
        QByteArray text = file.readAll();
        file.close();
        QVERIFY(text.contains(before));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text.replace(before, after));
    }

public Q_SLOTS:
    void take(const QUrl& url) { m_opened << url; }

private Q_SLOTS:
    void initTestCase()
    {
        m_home = std::make_unique<WindowHome>();
        qunsetenv("ORRERY_PLUGINS");
        QDesktopServices::setUrlHandler(QStringLiteral("file"), this, "take");
        m_window = std::make_unique<app::MainWindow>(app::WindowOptions{});
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        QTRY_VERIFY_WITH_TIMEOUT(nodeIsThere(*m_window), kClusterMs);
    }
    void cleanupTestCase()
    {
        m_window.reset();
        QDesktopServices::unsetUrlHandler(QStringLiteral("file"));
        m_home.reset();
    }

    void theMenuLibraryHasIt()
    {
        QMenu* menu = nullptr;
        for (auto* one : m_window->menuBar()->findChildren<QMenu*>(QString(), Qt::FindDirectChildrenOnly))
            if (one->title() == u"Library") menu = one;
        QVERIFY(menu);
        QVERIFY(menu->actions().contains(m_window->actions().get("library.new")));
    }

    void aNameThatCannotBeStaysInTheSheetWithTheReason()
    {
        auto* plus = m_window->library().findChild<QToolButton*>();
        for (auto* button : m_window->library().findChildren<QToolButton*>())
            if (button->accessibleName() == u"New task library" || button->toolTip() == u"New task library") plus = button;
        QVERIFY(plus);
        QTest::mouseClick(plus, Qt::LeftButton);
        QTRY_VERIFY(sheet()->isVisible());
        type(QStringLiteral("Painted"), m_folder.filePath(QStringLiteral("mine")));
        QTRY_VERIFY2(words().contains(QStringLiteral("\"Painted\" is no name for a task library")), qPrintable(words()));
        QVERIFY(sheet()->isVisible());
        QVERIFY(field(QStringLiteral("name"))->hasFocus()); // to be mended at once
        QVERIFY(logged(QStringLiteral("is no name for a task library")));
        QVERIFY(!QFile::exists(m_folder.filePath(QStringLiteral("mine"))));
        if (const QString shots = qEnvironmentVariable("ORRERY_SHOTS"); !shots.isEmpty()) sheet()->grab().save(shots + QStringLiteral("/new-library-refused.png"));
        QTest::keyClick(sheet(), Qt::Key_Escape);
        QVERIFY(!sheet()->isVisible());
    }

    void aNewLibraryIsInThePaletteAndItsSourceIsOpened()
    {
        m_window->actions().get("library.new")->trigger();
        QTRY_VERIFY(sheet()->isVisible());
        type(QStringLiteral("painted"), m_folder.filePath(QStringLiteral("mine")));
        QVERIFY(!field(QStringLiteral("name"))->isEnabled()); // it is being made
        QTRY_VERIFY_WITH_TIMEOUT(!sheet()->isVisible(), kBuildMs);
        QTRY_COMPARE(m_opened, QList<QUrl>{QUrl::fromLocalFile(source())});
        QTRY_VERIFY_WITH_TIMEOUT(m_window->graph().catalog().function("painted.scale") != nullptr, kClusterMs);
        QTRY_COMPARE(m_window->library().view()->currentIndex().data(widgets::LibraryModel::FunctionRole).toString(), QStringLiteral("painted.scale"));
        QVERIFY(m_window->library().view()->visualRect(m_window->library().view()->currentIndex()).isValid());
        QVERIFY(logged(QStringLiteral("The task library painted is made")));
        shoot(*m_window, QStringLiteral("new-library"));
    }

    void enterInsertsItAndARunUsesIt()
    {
        m_window->activateWindow(); // as a desktop does when the sheet has closed
        QTRY_VERIFY(m_window->isActiveWindow());
        QTest::keyClick(m_window->library().view(), Qt::Key_Return);
        QVERIFY(m_window->graph().documentText().find("painted.scale") != std::string::npos);
        m_window->graph().setSaved();
        QVERIFY(m_window->documents().open(m_folder.filePath(QStringLiteral("mine/painted/painted.orrery"))));
        QTRY_VERIFY(m_window->actions().get("run.start")->isEnabled());
        QTest::keyClick(m_window.get(), Qt::Key_F5);
        QTRY_VERIFY_WITH_TIMEOUT(succeeded(*m_window), kClusterMs);
    }

    void savingItsSourceBuildsItAndThePaletteFollows()
    {
        change("plugin.function<scale>(\"scale\"", "plugin.function<scale>(\"stretch\"");
        QTRY_VERIFY_WITH_TIMEOUT(m_window->graph().catalog().function("painted.stretch") != nullptr, kBuildMs);
        QVERIFY(m_window->graph().catalog().function("painted.scale") == nullptr);
        QVERIFY(logged(QStringLiteral("The task library painted is built")));
    }

    void aMistakeIsToldInTheLogAndTheBuildBeforeStays()
    {
        change("return value", "retrun value");
        QTRY_VERIFY_WITH_TIMEOUT(logged(QStringLiteral("painted was not built: painted.cpp:")), kBuildMs);
        QVERIFY(m_window->graph().catalog().function("painted.stretch") != nullptr);
    }

    void theNextWindowWatchesItAgain()
    {
        m_window->graph().setSaved();
        m_window.reset();
        change("retrun value", "return value");
        m_window = std::make_unique<app::MainWindow>(app::WindowOptions{});
        m_window->show();
        QTRY_VERIFY_WITH_TIMEOUT(logged(QStringLiteral("The task library painted is built")), kBuildMs);
    }
};

QTEST_MAIN(TestNewLibrary)
#include "tst_new_library.moc"
