// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Drivers: the programs attached to this node by shared memory: their socket, and one DriverLanes each.
// Runs on: node loop.

#include "engine/base/epoll_loop.h"
#include "engine/node/driver_lanes.h"
#include "engine/types/plugin_info.h"

#include <map>
#include <memory>
#include <string>

namespace orrery::host {

class Drivers final : public node::FunctionPort {
public:
    Drivers(base::EpollLoop& loop, node::Node& node, node::ValueStore& store, std::uint32_t& lastSubmitter);
    ~Drivers() override;
    // Failed: the socket cannot be made. Again with the same path: makes it anew where its file is gone (a head that died takes the
    // folder with it). The file is removed with this object.
    base::Result<void> listen(const std::string& path);
    void setCatalog(std::shared_ptr<const types::Catalog> catalog) { m_catalog = std::move(catalog); }
    void segmentAdded(const node::ValueStore::Segment& segment);
    void segmentDropped(std::uint32_t segment);
    std::size_t count() const { return m_drivers.size(); }

    base::Result<Found> findFunction(const std::string& function, const std::string& params) override;

private:
    void accept();
    base::EpollLoop& m_loop;
    node::Node& m_node;
    node::ValueStore& m_store;
    std::uint32_t& m_lastSubmitter;
    std::shared_ptr<const types::Catalog> m_catalog;
    std::string m_path;
    base::UniqueFd m_listener;
    std::map<node::SubmitterId, std::unique_ptr<node::DriverLanes>> m_drivers;
    std::shared_ptr<bool> m_alive = std::make_shared<bool>(true);
};

inline constexpr std::size_t kDriversMax = 64;

} // namespace orrery::host
