// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// CallSource: calls that running tasks make to other functions (nested tasks), as a source of work for the node. A call
// belongs to the node where it was made and ends with the call that made it: its results are kept until then.
// Runs on: node loop.

#include "engine/node/ports.h"
#include "engine/types/plugin_info.h"

#include <deque>
#include <map>
#include <memory>

namespace orrery::host {

using base::TimeNs;
using node::Track;

class CallSource final : public node::TaskSource {
public:
    struct Port {
        virtual ~Port() = default;
        virtual std::uint32_t templateId(const types::Template& wanted) = 0;
        virtual bool everFits(const types::Resources& resources) = 0;
        virtual void answer(Track track, std::uint64_t call, const base::Result<std::vector<types::Output>>& outcome) = 0;
        virtual void freeObject(const types::Place& place) = 0;
        virtual void ready() = 0; // pump
    };
    explicit CallSource(Port& port) : m_port(port) {}
    void setCatalog(std::shared_ptr<const types::Catalog> catalog) { m_catalog = std::move(catalog); }
    void callMade(Track track, std::uint64_t call, const std::string& function, const std::string& params, std::vector<node::NodeEvents::CallPart> parts);
    void callerEnded(Track track);
    std::size_t open() const { return m_calls.size(); }

    std::span<const types::Resources> classes() const override { return m_classes; }
    std::size_t ready(std::size_t classIndex) const override { return m_ready[classIndex].size(); }
    std::vector<std::uint32_t> take(std::size_t classIndex, std::size_t max, TimeNs now) override;
    types::TaskRecord record(std::uint32_t row, TimeNs now) override;
    void began(std::uint32_t, std::uint8_t, Track, TimeNs) override {}
    bool finished(const types::ResultRecord& result, Track track, TimeNs now) override;
    void lost(std::uint32_t row, std::uint8_t attempt, Track track, types::Cause cause, const std::string& why, TimeNs now) override;
    void recalled(std::uint32_t row, std::uint8_t attempt, TimeNs now) override;
    void refuse(std::uint32_t row, const std::string& why, TimeNs now) override;

private:
    struct Call {
        Track caller = 0;
        std::uint64_t number = 0;
        std::uint32_t templateId = 0;
        std::size_t classIndex = 0;
        std::uint8_t attempt = 1;
        std::int32_t retries = 0;
        std::uint16_t declared = 0;
        std::uint32_t missing = 0;
        bool done = false;
        bool failed = false;
        std::vector<node::NodeEvents::CallPart> parts;
        std::vector<types::Output> outputs;
    };
    Call* find(std::uint32_t row, std::uint8_t attempt);
    std::uint32_t rowOf(Track track, std::uint64_t number) const;
    void fail(std::uint32_t row, const std::string& why);
    void settled(std::uint32_t row);

    Port& m_port;
    std::shared_ptr<const types::Catalog> m_catalog;
    std::map<std::uint32_t, Call> m_calls; // by row; rows are never used twice
    std::map<std::pair<Track, std::uint64_t>, std::uint32_t> m_rows;
    std::vector<types::Resources> m_classes;
    std::vector<std::deque<std::uint32_t>> m_ready;
    std::uint32_t m_lastRow = 0;
};

} // namespace orrery::host
