// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// NumberBox: a spin box for whole numbers of 64 bits and for real numbers of any size. It shows a number in the fewest digits
// that give it back, takes what is typed as it is (the model decides what is refused), and steps within its bounds.
// Thread: UI.

#include <QAbstractSpinBox>
#include <QJsonValue>

#include <optional>

class QLabel;

namespace orrery::widgets {

class NumberBox final : public QAbstractSpinBox {
    Q_OBJECT
public:
    struct Bounds {
        std::optional<double> minimum, maximum;
        double step = 0; // 0: 1 for whole numbers, a hundredth of the value for real ones
    };
    NumberBox(bool whole, const Bounds& bounds, const QString& unit, QWidget* parent = nullptr);
    void setValue(const QJsonValue& value); // as the model has it; what is being typed is dropped
    QJsonValue value() const { return m_value; }
    // What stepping by so many steps gives, within the bounds.
    QJsonValue stepped(double steps) const;

    void stepBy(int steps) override;
    QValidator::State validate(QString& input, int& pos) const override;
    QSize sizeHint() const override;

Q_SIGNALS:
    // A person gave this value; Undefined: the text is no number.
    void entered(const QJsonValue& value);

protected:
    StepEnabled stepEnabled() const override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void commit();
    QString textOf(const QJsonValue& value) const;
    QJsonValue parsed(const QString& text) const;
    bool m_whole;
    Bounds m_bounds;
    QLabel* m_unit;
    QJsonValue m_value;
};

} // namespace orrery::widgets
