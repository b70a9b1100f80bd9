// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// SystemScheme: what the desktop wants, asked of its portal over DBus: dark or light, and whether things may move.
// A bus may hang: one that does not even greet is left alone, and the rest is done on a thread of its own. The UI thread never
// waits for it.
// Runs on: its own thread; the signals arrive on the thread of the object. Lives: with Theme. No bus, no portal: no signal.

#include <QObject>
#include <QVariant>
#include <optional>

class QThread;

namespace orrery::widgets {

class BusProbe;

// What a portal's value means; nullopt when the desktop has no preference. A value may lie in variants in variants.
std::optional<bool> wantsDark(const QVariant& value);
std::optional<bool> wantsMotion(const QVariant& value);

class SystemScheme final : public QObject {
    Q_OBJECT
public:
    explicit SystemScheme(QObject* parent = nullptr);
    ~SystemScheme() override; // waits 100 ms for the thread at most, then leaves it to the end of the process
    void start();             // asks, and follows changes. Without a session bus nothing happens.

Q_SIGNALS:
    void darkWanted(bool dark);
    void motionWanted(bool motion);

private:
    void read();
    BusProbe* m_probe = nullptr;
    QThread* m_thread = nullptr;
};

} // namespace orrery::widgets
