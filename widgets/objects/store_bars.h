// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// StoreBars: how full the object store of each node is: what the shown run holds, its copies of what lies elsewhere, what else is there,
// what is free; the length
// of a bar is the capacity of its store against the largest one. The fullest kStoreBarsMax nodes, and how many more there are.
// Thread: UI.

#include <QWidget>
#include <cstdint>
#include <vector>

namespace orrery::widgets {

inline constexpr int kStoreBarsMax = 6;

struct StoreBar {
    int node = 0;
    QString letter, name;
    bool lost = false;
    std::uint64_t runBytes = 0;   // of the shown run
    std::uint64_t copyBytes = 0;  // copies that it has of values on other nodes
    std::uint64_t usedBytes = 0;  // in all
    std::uint64_t capacityBytes = 0;
    bool operator==(const StoreBar&) const = default;
};

class StoreBars final : public QWidget {
    Q_OBJECT
public:
    explicit StoreBars(QWidget* parent = nullptr);
    void setBars(std::vector<StoreBar> bars, bool runKnown); // runKnown: runBytes are all there are
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    void paintLegend(QPainter& painter, int left) const;
    void paintBar(QPainter& painter, const StoreBar& bar, const QRect& row, int right) const;
    std::vector<StoreBar> m_bars;
    std::size_t m_more = 0;
    bool m_runKnown = false, m_copies = false; // some bar has copies
    std::uint64_t m_largest = 0;
};

} // namespace orrery::widgets
