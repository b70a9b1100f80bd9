#pragma once
#include "engine/head/head_table.h"
#include <functional>
namespace orrery::head {
class TableAsk {
public:
    using Done = std::function<void(base::Result<types::Page>)>;
    TableAsk(const HeadTable& table, types::Query query, Done done) : m_table(table), m_query(std::move(query)), m_done(std::move(done)) {}
    bool work(const std::function<bool()>&) { m_done(base::fail(base::Errc::Refused, "soon")); return true; }
    void refuse(const base::Error& error) { m_done(error); }
private:
    const HeadTable& m_table; types::Query m_query; Done m_done;
};
}
