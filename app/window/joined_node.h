// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// JoinedNode: a node that a macro lets join over the network, in place of one of another machine; it ends with the window.
// Thread: UI.

#include <QProcess>
#include <QTemporaryDir>

namespace orrery::app {

struct JoinedNode {
    static constexpr int kEndMs = 5000;
    QTemporaryDir folder; // its key, its certificate, its plugins
    QProcess process;
    ~JoinedNode()
    {
        process.terminate();
        if (!process.waitForFinished(kEndMs)) process.kill();
    }
};

} // namespace orrery::app
