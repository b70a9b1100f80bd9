// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// One window with every widget of widgets/common in it, to be looked at and to be walked through by tests.
// Thread: UI.

#include <memory>

class QMainWindow;
class QMenu;
class QWidget;

namespace orrery::test {

std::unique_ptr<QMainWindow> gallery();  // 1920 x 1080
std::unique_ptr<QMenu> galleryMenu();

// Parts of it.
QWidget* libraryPart(QWidget* parent);
QWidget* tablePart(QWidget* parent);
QWidget* inspectorPart(QWidget* parent);
QWidget* controlsPart(QWidget* parent);
QWidget* swatchesPart(QWidget* parent); // tokens, tints, icons, glyphs

} // namespace orrery::test
