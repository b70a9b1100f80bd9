// SPDX-FileCopyrightText: Orrery contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/inspector/number_box.h"

#include "widgets/common/theme.h"

#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QWheelEvent>

#include <cmath>

namespace orrery::widgets {

namespace {
constexpr int kArrows = 18;          // room at the right, where the style draws them while the pointer is there
constexpr double kWholeMax = 9.0e18; // below 2^63
} // namespace

NumberBox::NumberBox(bool whole, const Bounds& bounds, const QString& unit, QWidget* parent)
    : QAbstractSpinBox(parent), m_whole(whole), m_bounds(bounds), m_unit(new QLabel(unit, this))
{
    setFont(Theme::of().font(FontRole::Mono));
    lineEdit()->setProperty("bare", true);
    m_unit->setFont(Theme::of().font(FontRole::Caption));
    m_unit->setForegroundRole(QPalette::PlaceholderText);
    m_unit->setAttribute(Qt::WA_TransparentForMouseEvents);
    setCorrectionMode(QAbstractSpinBox::CorrectToPreviousValue);
    setKeyboardTracking(false);
    setFocusPolicy(Qt::StrongFocus); // the wheel scrolls the panel until the box is clicked
    connect(lineEdit(), &QLineEdit::editingFinished, this, &NumberBox::commit);
    connect(this, &QAbstractSpinBox::editingFinished, this, &NumberBox::commit);
}

void NumberBox::setValue(const QJsonValue& value)
{
    m_value = value;
    const QString text = textOf(value);
    if (lineEdit()->text() != text) lineEdit()->setText(text);
}

QString NumberBox::textOf(const QJsonValue& value) const
{
    if (!value.isDouble()) return value.isUndefined() ? QString() : value.toVariant().toString();
    if (m_whole) return QString::number(value.toInteger());
    return QString::number(value.toDouble(), 'g', QLocale::FloatingPointShortest);
}

QJsonValue NumberBox::parsed(const QString& text) const
{
    bool good = false;
    const QString plain = QString(text).remove(QLatin1Char(',')).trimmed();
    if (m_whole) {
        const qint64 whole = plain.toLongLong(&good);
        if (good) return whole;
    }
    const double real = plain.toDouble(&good);
    if (!good || !std::isfinite(real)) return QJsonValue::Undefined;
    if (m_whole && real == std::floor(real) && std::abs(real) < kWholeMax) return static_cast<qint64>(real); // "1e6"
    return real;
}

void NumberBox::commit()
{
    const QString text = lineEdit()->text();
    if (text == textOf(m_value)) return;
    Q_EMIT entered(parsed(text));
}

QJsonValue NumberBox::stepped(double steps) const
{
    const double now = m_value.toDouble();
    double step = m_bounds.step;
    if (step <= 0)
        step =
            m_whole ? 1 : std::max(std::pow(10, std::floor(std::log10(std::max(std::abs(now), 1e-12)))) / 100, 1e-12);
    double next = now + steps * step;
    if (m_bounds.minimum) next = std::max(next, *m_bounds.minimum);
    if (m_bounds.maximum) next = std::min(next, *m_bounds.maximum);
    if (!m_whole) return QString::number(next, 'g', 12).toDouble(); // no tail of rounding errors
    // Whole numbers beyond 2^53 keep their last digit.
    if (std::abs(next) > 9.0e15) return m_value.toInteger() + static_cast<qint64>(std::llround(steps));
    return static_cast<qint64>(std::llround(next));
}

void NumberBox::stepBy(int steps)
{
    commit();
    const QJsonValue next = stepped(steps);
    if (next != m_value) Q_EMIT entered(next);
}

QAbstractSpinBox::StepEnabled NumberBox::stepEnabled() const
{
    if (!m_value.isDouble()) return StepNone;
    StepEnabled enabled = StepNone;
    if (!m_bounds.minimum || m_value.toDouble() > *m_bounds.minimum) enabled |= StepDownEnabled;
    if (!m_bounds.maximum || m_value.toDouble() < *m_bounds.maximum) enabled |= StepUpEnabled;
    return enabled;
}

QValidator::State NumberBox::validate(QString&, int&) const
{
    return QValidator::Acceptable; // the model says what is wrong with it, in words
}

void NumberBox::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape && lineEdit()->text() != textOf(m_value)) {
        lineEdit()->setText(textOf(m_value));
        Q_EMIT entered(m_value); // takes the reason of a refusal away
        return;
    }
    QAbstractSpinBox::keyPressEvent(event);
}

void NumberBox::wheelEvent(QWheelEvent* event)
{
    if (!hasFocus()) return event->ignore();
    QAbstractSpinBox::wheelEvent(event);
}

void NumberBox::resizeEvent(QResizeEvent* event)
{
    QAbstractSpinBox::resizeEvent(event);
    const int width = m_unit->text().isEmpty() ? 0 : m_unit->sizeHint().width();
    lineEdit()->setTextMargins(0, 0, width == 0 ? 0 : width + 4, 0);
    m_unit->setGeometry(this->width() - kArrows - width, 0, width, height());
}

QSize NumberBox::sizeHint() const
{
    return {120, metric::kLineEdit};
}

} // namespace orrery::widgets
