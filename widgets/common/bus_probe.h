// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// BusProbe: whether a DBus daemon answers at an address, before QtDBus is let near it: QtDBus waits without an end, at
// connecting and again when the process ends, for a bus that has hung. Says nothing when there is no answer.
// Thread: that of the object; nothing blocks. Bounds: one line of kBusLineMax bytes, kBusAnswerMs for it.

#include <QByteArray>
#include <QObject>

class QSocketNotifier;

namespace orrery::widgets {

inline constexpr int kBusAnswerMs = 3'000;
inline constexpr qsizetype kBusLineMax = 4'096;

// The socket's name of the first "unix:" address of a list, as bind() takes it (abstract names begin with a zero byte);
// empty when there is none.
QByteArray busSocketName(const QByteArray& addresses);

class BusProbe final : public QObject {
    Q_OBJECT
public:
    explicit BusProbe(QObject* parent = nullptr) : QObject(parent) {}
    ~BusProbe() override;
    void ask(const QByteArray& socketName);

Q_SIGNALS:
    void answered(); // it greeted us as one of its own; at most once

private:
    void read();
    void stop();
    int m_socket = -1;
    QByteArray m_line;
};

} // namespace orrery::widgets
