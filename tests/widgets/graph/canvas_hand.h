// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A canvas with its models, and a hand that drags, clicks and types on it with real events. Thread: UI.

#include "tests/widgets/graph/canvas_samples.h"

#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>

namespace orrery::widgets::samples {

struct Hand {
    explicit Hand(types::Graph graph = {}, QSize size = QSize(1200, 700))
    {
        model.setCatalog(catalog());
        model.setGraph(std::move(graph), {});
        canvas.resize(size);
        canvas.show();
        canvas.setFocus();
        if (!QTest::qWaitForWindowActive(&canvas)) qFatal("the window has not become active");
    }
    void press(const QPointF& at, Qt::KeyboardModifiers keys = {})
    {
        QTest::mousePress(&canvas, Qt::LeftButton, keys, at.toPoint());
    }
    void moveTo(const QPointF& at) { QTest::mouseMove(&canvas, at.toPoint()); }
    void release(const QPointF& at, Qt::KeyboardModifiers keys = {})
    {
        QTest::mouseRelease(&canvas, Qt::LeftButton, keys, at.toPoint());
    }
    void drag(const QPointF& from, const QPointF& to)
    {
        press(from);
        carry(from, to);
        release(to);
    }
    void carry(const QPointF& from, const QPointF& to)
    {
        for (int step = 1; step <= 6; ++step) moveTo(from + (to - from) * (step / 6.0));
    }
    void click(const QPointF& at, Qt::KeyboardModifiers keys = {})
    {
        QTest::mouseClick(&canvas, Qt::LeftButton, keys, at.toPoint());
    }
    void key(Qt::Key key, Qt::KeyboardModifiers keys = {}) { QTest::keyClick(&canvas, key, keys); }
    QPointF out(const char* vertex, const char* port) { return canvas.portPoint({vertex, port}, true); }
    QPointF in(const char* vertex, const char* port) { return canvas.portPoint({vertex, port}, false); }
    QPointF middle(const QString& vertex) { return canvas.cardRect(vertex).center(); }
    QPointF header(const QString& vertex) { return canvas.cardRect(vertex).topLeft() + QPointF(60, 10); }
    QString wires() const
    {
        QStringList all;
        for (const auto& edge : model.graph().edges)
            all << QString::fromStdString(edge.from.text() + ">" + edge.to.text());
        return all.join(u' ');
    }
    void wheel(const QPointF& at, int delta, Qt::KeyboardModifiers keys)
    {
        QWheelEvent event(at, canvas.mapToGlobal(at), {}, {0, delta}, Qt::NoButton, keys, Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(&canvas, &event);
    }

    GraphModel model;
    RunModel run;
    Selection selection;
    GraphCanvas canvas{model, run, selection};
};

} // namespace orrery::widgets::samples
