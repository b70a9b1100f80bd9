// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// FakeRowSource: the rows of a table in the hands of a test: a question waits until the test answers it, in any order, twice, or
// with an error. It never answers inside ask() and never after drop().
// Thread: UI.

#include "widgets/models/ports.h"

#include <QObject>

#include <algorithm>
#include <vector>

namespace orrery::tests {

class FakeRowSource final : public widgets::RowSource {
public:
    struct Question {
        widgets::Ticket ticket = 0;
        types::Query query;
        std::function<void(base::Result<types::Page>)> done;
    };
    // How a question is answered; a test may give its own.
    std::function<base::Result<types::Page>(const types::Query&)> reply;
    std::vector<Question> open;   // in the order they were asked
    std::vector<types::Query> seen;
    std::vector<widgets::Ticket> dropped;
    bool byItself = false;        // answers when the event loop comes round, as a bridge does

    widgets::Ticket ask(types::Query query, std::function<void(base::Result<types::Page>)> done) override
    {
        seen.push_back(query);
        const widgets::Ticket ticket = ++m_last;
        open.push_back({ticket, std::move(query), std::move(done)});
        if (byItself) QMetaObject::invokeMethod(&m_context, [this, ticket] { answer(ticket); }, Qt::QueuedConnection);
        return ticket;
    }
    void drop(widgets::Ticket ticket) override
    {
        dropped.push_back(ticket);
        std::erase_if(open, [&](const Question& question) { return question.ticket == ticket; });
    }

    void answer(widgets::Ticket ticket)
    {
        const auto found = std::find_if(open.begin(), open.end(), [&](const Question& question) { return question.ticket == ticket; });
        if (found == open.end()) return;
        const Question question = std::move(*found);
        open.erase(found);
        question.done(reply(question.query));
    }
    void answerFirst() { answer(open.front().ticket); }
    void answerLast() { answer(open.back().ticket); }
    void answerAll()
    {
        while (!open.empty()) answerFirst();
    }

private:
    QObject m_context;
    widgets::Ticket m_last = 0;
};

} // namespace orrery::tests
