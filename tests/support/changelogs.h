// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Changelogs of a machine's packages for the census, and what other programs count in them: zcat, awk and sort
// (tests/cluster/count_changelogs.sh). An image without documentation gets some packages downloaded, as the sample does.
// Thread: the test's; waits for its programs.

#include "tests/support/ctl.h"

namespace orrery::tests {

struct Changelogs {
    QString folder;
    QByteArray counted; // the table as CSV
    QString problem;    // why there are none; empty: there are
};

inline Said outside(const QString& program, const QStringList& words)
{
    QProcess process;
    process.start(program, words);
    return finish(process, 100);
}

// scratch: a folder that does not exist yet, for what is downloaded.
inline Changelogs findChangelogs(const QString& scratch)
{
    const QString count = QStringLiteral(ORRERY_SOURCE_DIR "/tests/cluster/count_changelogs.sh");
    Changelogs found{QStringLiteral("/usr/share/doc"), {}, {}};
    auto counted = outside(count, {found.folder});
    if (counted.out.count(u'\n') < 2) {
        const auto made = outside(QStringLiteral(ORRERY_SOURCE_DIR "/resources/examples/census_input.sh"), {scratch});
        if (made.code != 0) {
            found.problem = QStringLiteral("this machine has no changelogs below /usr/share/doc and none could be downloaded: ") + made.err.trimmed().section(u'\n', -1);
            return found;
        }
        found.folder = made.out.trimmed();
        counted = outside(count, {found.folder});
    }
    found.counted = counted.out.toUtf8();
    if (counted.code != 0 || found.counted.count('\n') <= 10) found.problem = QStringLiteral("the changelogs could not be counted by hand: ") + counted.err;
    return found;
}

} // namespace orrery::tests
