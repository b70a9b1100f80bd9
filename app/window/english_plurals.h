// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// EnglishPlurals: texts are written "%n task(s)"; without a translation Qt would show them so. This one makes them English.
// Thread: UI. Lives: with the application.

#include <QTranslator>

namespace orrery::app {

class EnglishPlurals final : public QTranslator {
public:
    using QTranslator::QTranslator;
    bool isEmpty() const override { return false; }
    QString translate(const char*, const char* source, const char*, int n) const override
    {
        if (n < 0) return {}; // a text without a number stays as it is
        return QString::fromUtf8(source).replace(QStringLiteral("(s)"), n == 1 ? QString() : QStringLiteral("s"));
    }
};

} // namespace orrery::app
