// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Members of clusters for tests: authorities, identities, and certificates that no authority of ours would sign.
// Thread: one.

#include "engine/security/authority.h"
#include "engine/security/certificate_request.h"
#include "engine/security/identity.h"
#include "engine/security/private_file.h"

#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

#include <unistd.h>

namespace orrery::samples {

using base::TimeNs;

inline constexpr TimeNs kNow = 1'764'000'000 * base::kSecond; // 2025-11-24
inline constexpr TimeNs kMinute = 60 * base::kSecond;
inline const base::ClusterId kCluster{{0x1122334455667788, 0x99aabbccddeeff00}};
inline const base::ClusterId kOther{{5, 6}};
inline const std::string kNode = base::NodeId{{1, 2}}.text();

// The value, or the test ends with the sentence.
template <typename T>
T need(base::Result<T> result)
{
    if (!result.ok()) qFatal("%s", result.error().message.c_str());
    return std::move(result).value();
}
inline void need(const base::Result<void>& result)
{
    if (!result.ok()) qFatal("%s", result.error().message.c_str());
}

// The sentence of a refusal; empty: it was none.
template <typename T>
std::string whyNot(const base::Result<T>& result) { return result.ok() ? std::string() : result.error().message; }

inline bool says(const std::string& sentence, std::string_view words)
{
    return sentence.find(words) != std::string::npos;
}

// Stays where it is told, until it is told otherwise.
struct SetClock final : base::Clock {
    TimeNs now = kNow;
    TimeNs monoNs() const override { return now; }
    TimeNs wallNs() const override { return now; }
};

struct Folder {
    QTemporaryDir made;
    std::filesystem::path path = made.path().toStdString();
};

// A member as it would have joined, its files in a folder that is gone again. at: when it joined.
inline security::Identity member(const security::Authority& authority, security::Role role, const std::string& id,
                                 TimeNs at = kNow)
{
    const Folder folder;
    const auto request = need(security::Identity::request(folder.path));
    const auto issued = need(authority.issue(request, role, id, at));
    return need(security::Identity::install(folder.path, issued.pem, authority.trust().pem(), at));
}

} // namespace orrery::samples
