#include "vetset/base/expr.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "vetset/base/glob.h"
#include "vetset/base/unicode.h"

namespace vetset {

std::string_view name(ExprType type) {
  constexpr std::array<std::string_view, 6> names{"null", "yes or no", "number", "text", "texts", "any"};
  return names[static_cast<std::size_t>(type)];
}

ExprValue ExprValue::of(bool truth) {
  ExprValue value;
  value.type_ = ExprType::truth;
  value.truth_ = truth;
  return value;
}
ExprValue ExprValue::of(double number) {
  ExprValue value;
  if (std::isnan(number)) return value;
  value.type_ = ExprType::number;
  value.number_ = number;
  return value;
}
ExprValue ExprValue::view(std::string_view text) {
  ExprValue value;
  value.type_ = ExprType::text;
  value.text_ = text;
  return value;
}
ExprValue ExprValue::own(std::string text) {
  ExprValue value;
  value.type_ = ExprType::text;
  value.owns_ = true;
  value.owned_ = std::move(text);
  return value;
}
ExprValue ExprValue::view(std::span<const std::string_view> texts) {
  ExprValue value;
  if (texts.empty()) return value;
  value.type_ = ExprType::texts;
  value.texts_ = texts;
  return value;
}

std::uint64_t ExprRow::count(const std::function<bool(const ExprRow&)>&) const { return 0; }

namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool same_text(std::string_view a, std::string_view b) {
  return a == b || (!is_ascii(a) && !is_ascii(b) && nfc(a) == nfc(b));
}

/// Whether `holds` of a text, or of any of several.
template <class Holds>
bool any_text(const ExprValue& value, const Holds& holds) {
  if (value.type() == ExprType::text) return holds(value.text());
  return std::any_of(value.texts().begin(), value.texts().end(), holds);
}

/// Values of different types are different; of several texts one is enough.
bool equal(const ExprValue& a, const ExprValue& b) {
  const auto is_text = [](const ExprValue& v) { return v.type() == ExprType::text || v.type() == ExprType::texts; };
  if (is_text(a) && is_text(b))
    return any_text(
        a, [&](std::string_view x) { return any_text(b, [&](std::string_view y) { return same_text(x, y); }); });
  if (a.type() != b.type()) return false;
  return a.type() == ExprType::truth ? a.truth() == b.truth() : a.number() == b.number();
}

/// −1, 0, 1; nothing where one does not come before the other.
std::optional<int> order(const ExprValue& a, const ExprValue& b) {
  if (a.type() == ExprType::number && b.type() == ExprType::number)
    return a.number() < b.number() ? -1 : a.number() > b.number() ? 1 : 0;
  if (a.type() != ExprType::text || b.type() != ExprType::text) return std::nullopt;
  const int sign = a.text().compare(b.text());
  return sign < 0 ? -1 : sign > 0 ? 1 : 0;
}

}  // namespace

class ExprEvaluator {
 public:
  ExprEvaluator(const std::vector<Expr::Node>& nodes, const ExprRow& row) : nodes_(nodes), row_(row) {}

  ExprValue value(std::uint32_t at) const {
    const Expr::Node& n = nodes_[at];
    switch (n.op) {
      case Op::literal: return n.value;
      case Op::field: return row_.value(n.field, n.rest);
      case Op::count: return count(n);
      case Op::all_of: return chain(n, false);
      case Op::any_of: return chain(n, true);
      case Op::negation: {
        const ExprValue inner = value(n.kids[0]);
        return inner.type() == ExprType::truth ? ExprValue::of(!inner.truth()) : ExprValue();
      }
      case Op::said: return ExprValue::of(value(n.kids[0]).type() != ExprType::nothing);
      case Op::not_said: return ExprValue::of(value(n.kids[0]).type() == ExprType::nothing);
      case Op::in: return in(n);
      case Op::like: return like(n);
      case Op::negative: {
        const ExprValue inner = value(n.kids[0]);
        return inner.type() == ExprType::number ? ExprValue::of(-inner.number()) : ExprValue();
      }
      default: return pair(n);
    }
  }

 private:
  using Op = Expr::Op;

  ExprValue count(const Expr::Node& n) const {
    const auto holds = [&](const ExprRow& row) {
      if (n.kids.empty()) return true;
      const ExprValue inner = ExprEvaluator(nodes_, row).value(n.kids[0]);
      return inner.type() == ExprType::truth && inner.truth();
    };
    return ExprValue::of(static_cast<double>(row_.count(holds)));
  }

  /// `decisive` decides alone; without it, one that is not said leaves all not said.
  ExprValue chain(const Expr::Node& n, bool decisive) const {
    bool unknown = false;
    for (const std::uint32_t kid : n.kids) {
      const ExprValue one = value(kid);
      if (one.type() != ExprType::truth)
        unknown = true;
      else if (one.truth() == decisive)
        return ExprValue::of(decisive);
    }
    return unknown ? ExprValue() : ExprValue::of(!decisive);
  }

  ExprValue in(const Expr::Node& n) const {
    const ExprValue one = value(n.kids[0]);
    if (one.type() == ExprType::nothing) return {};
    for (std::size_t k = 1; k < n.kids.size(); ++k)
      if (equal(one, nodes_[n.kids[k]].value)) return ExprValue::of(true);
    return ExprValue::of(false);
  }

  ExprValue like(const Expr::Node& n) const {
    const ExprValue one = value(n.kids[0]);
    if (one.type() != ExprType::text && one.type() != ExprType::texts) return {};
    return ExprValue::of(any_text(one, [&](std::string_view text) { return glob_matches(n.rest, text); }));
  }

  ExprValue pair(const Expr::Node& n) const {
    const ExprValue a = value(n.kids[0]);
    if (a.type() == ExprType::nothing) return {};
    const ExprValue b = value(n.kids[1]);
    if (b.type() == ExprType::nothing) return {};
    if (n.op == Op::equal) return ExprValue::of(equal(a, b));
    if (n.op == Op::unequal) return ExprValue::of(!equal(a, b));
    if (n.op >= Op::less && n.op <= Op::greater_equal) {
      const std::optional<int> sign = order(a, b);
      if (!sign) return {};
      return ExprValue::of(n.op == Op::less         ? *sign < 0
                           : n.op == Op::less_equal ? *sign <= 0
                           : n.op == Op::greater    ? *sign > 0
                                                    : *sign >= 0);
    }
    if (a.type() != ExprType::number || b.type() != ExprType::number) return {};
    switch (n.op) {
      case Op::plus: return ExprValue::of(a.number() + b.number());
      case Op::minus: return ExprValue::of(a.number() - b.number());
      case Op::times: return ExprValue::of(a.number() * b.number());
      default: return b.number() == 0 ? ExprValue() : ExprValue::of(a.number() / b.number());
    }
  }

  const std::vector<Expr::Node>& nodes_;
  const ExprRow& row_;
};

bool Expr::holds(const ExprRow& row) const {
  const ExprValue value = ExprEvaluator(nodes_, row).value(root_);
  return value.type() == ExprType::truth && value.truth();
}

}  // namespace vetset
