#include "vetset/transform/transform.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "vetset/base/digest.h"
#include "vetset/base/json.h"
#include "vetset/base/number.h"
#include "vetset/dataset/expr_fields.h"

namespace vetset {
namespace {

/// What the condition of a flag says of each record, on any thread.
template <class Index>
Result<Column<std::uint8_t>> ask(const AskedDataset& asked, const std::string& text, const ExprTable& table,
                                 std::string_view flag, std::size_t records, const Pool& pool) {
  Column<std::uint8_t> holds(records, 1);
  if (text.empty()) return holds;
  auto expr = Expr::parse(text, table);
  if (!expr) return std::move(expr).error().in(flag);
  pool.for_ranges(records, 4096, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) holds[i] = asked.holds(*expr, to_index<Index>(i)) ? 1 : 0;
  });
  return holds;
}

class Planning {
 public:
  Planning(const Dataset& d, const TransformRules& rules, const Pool& pool) : d_(d), rules_(rules), pool_(pool) {}

  Result<TransformPlan> plan() {
    plan_.objects = Column<Gone>(d_.annotations.size(), Gone::stays);
    plan_.images = Column<Gone>(d_.images.size(), Gone::stays);
    VETSET_DO(classes());
    AskedDataset asked(d_, names());
    VETSET_DO(objects(asked));
    VETSET_DO(images(asked));
    VETSET_DO(draw());
    for (std::size_t i = 0; i < d_.annotations.size(); ++i)
      if (const ImageIndex image = d_.annotations[i].image; stays(i) && image != none<ImageIndex>)
        if (plan_.images[to_size(image)] != Gone::stays) plan_.objects[i] = Gone::by_image;
    select();
    return std::move(plan_);
  }

 private:
  bool stays(std::size_t i) const { return plan_.objects[i] == Gone::stays; }

  Result<void> classes() {
    if (rules_.classes.empty()) return {};
    VETSET_TRY(PlannedClasses planned, plan_classes(d_, rules_.classes));
    plan_.selection.classes = std::move(planned.plan);
    plan_.classes = std::move(planned.changes);
    const std::vector<CategoryIndex>& become = plan_.selection.classes->become;
    for (std::size_t i = 0; i < d_.annotations.size(); ++i)
      if (const CategoryIndex c = d_.annotations[i].category;
          c != none<CategoryIndex> && become[to_size(c)] == none<CategoryIndex>)
        plan_.objects[i] = Gone::by_class;
    return {};
  }
  /// What classes are called from here on.
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    if (!plan_.selection.classes) return names;
    for (const CategoryIndex to : plan_.selection.classes->become)
      names.push_back(to == none<CategoryIndex> ? "" : plan_.selection.classes->classes[to_size(to)].name);
    return names;
  }

  Result<void> objects(AskedDataset& asked) {
    asked.count_only(staying());
    VETSET_TRY(const Column<std::uint8_t> holds,
               ask<AnnotationIndex>(asked, rules_.where, object_conditions(), "--where", d_.annotations.size(), pool_));
    for (std::size_t i = 0; i < holds.size(); ++i)
      if (stays(i) && holds[i] == 0) plan_.objects[i] = Gone::by_where;
    asked.count_only(staying());
    return {};
  }
  std::vector<bool> staying() const {
    std::vector<bool> marks(d_.annotations.size());
    for (std::size_t i = 0; i < marks.size(); ++i) marks[i] = stays(i);
    return marks;
  }

  Result<void> images(const AskedDataset& asked) {
    VETSET_TRY(const Column<std::uint8_t> holds, ask<ImageIndex>(asked, rules_.images_where, image_conditions(),
                                                                 "--images-where", d_.images.size(), pool_));
    std::vector<std::uint32_t> had(d_.images.size()), has(d_.images.size());
    for (std::size_t i = 0; i < d_.annotations.size(); ++i)
      if (const ImageIndex image = d_.annotations[i].image; image != none<ImageIndex>) {
        ++had[to_size(image)];
        has[to_size(image)] += stays(i) ? 1U : 0U;
      }
    for (std::size_t i = 0; i < d_.images.size(); ++i)
      plan_.images[i] = holds[i] == 0                      ? Gone::by_images_where
                        : rules_.drop_empty && has[i] == 0 ? Gone::empty
                                                           : Gone::stays;
    lost_.resize(d_.images.size());
    for (std::size_t i = 0; i < d_.images.size(); ++i) lost_[i] = had[i] > 0 && has[i] == 0;
    return {};
  }

  Result<void> draw() {
    if (!rules_.sample) return {};
    struct Lot {
      Digest digest;
      std::size_t image;
      auto operator<=>(const Lot&) const = default;
    };
    std::vector<Lot> lots;
    for (std::size_t i = 0; i < d_.images.size(); ++i)
      if (plan_.images[i] == Gone::stays) lots.push_back({{}, i});
    const std::string seed = std::to_string(rules_.seed) + "\n";
    pool_.for_ranges(lots.size(), 1024, [&](std::size_t begin, std::size_t end) {
      for (std::size_t k = begin; k < end; ++k)
        lots[k].digest = sha256(seed + std::string(d_.path(to_index<ImageIndex>(lots[k].image))));
    });
    std::sort(lots.begin(), lots.end());
    std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(rules_.sample->count, lots.size()));
    if (rules_.sample->count == 0) {
      const double share = rules_.sample->percent / 100 * static_cast<double>(lots.size());
      count = std::min(lots.size(), std::max<std::size_t>(1, static_cast<std::size_t>(std::floor(share + 0.5))));
    }
    for (std::size_t k = count; k < lots.size(); ++k) plan_.images[lots[k].image] = Gone::not_drawn;
    return {};
  }

  void select() {
    Selection& s = plan_.selection;
    for (const Gone gone : plan_.objects) s.annotations.push_back(gone == Gone::stays);
    for (std::size_t i = 0; i < d_.images.size(); ++i) {
      s.images.push_back(plan_.images[i] == Gone::stays);
      plan_.emptied += plan_.images[i] == Gone::stays && lost_[i] ? 1U : 0U;
    }
  }

  const Dataset& d_;
  const TransformRules& rules_;
  const Pool& pool_;
  TransformPlan plan_;
  std::vector<bool> lost_;  // by image: all the objects that it had
};

void write_counts(JsonWriter& out, std::string_view key, const Counts& c) {
  out.key(key).begin_object().key("images").value(c.images).key("annotations").value(c.annotations);
  out.key("categories").value(c.categories).key("splits").value(c.splits).end_object();
}

/// How many went for each reason, and the first of them by name.
template <class NameOf>
void write_gone(JsonWriter& out, const TransformPlan& plan, const Column<Gone>& records,
                std::initializer_list<Gone> reasons, const NameOf& name_of) {
  out.begin_array();
  for (const Gone reason : reasons) {
    const std::uint64_t count = plan.count(records, reason);
    if (count == 0) continue;
    out.begin_object().key("reason").value(name(reason)).key("count").value(count).key("first").begin_array();
    std::size_t listed = 0;
    for (std::size_t i = 0; i < records.size() && listed < listed_files; ++i)
      if (records[i] == reason) {
        out.value(name_of(i));
        ++listed;
      }
    out.end_array().end_object();
  }
  out.end_array();
}

}  // namespace

std::string_view name(Gone gone) {
  constexpr std::array<std::string_view, 7> names{"", "class", "where", "image", "images-where", "empty", "sample"};
  return names[static_cast<std::size_t>(gone)];
}

std::uint64_t TransformPlan::count(const Column<Gone>& records, Gone reason) const {
  return static_cast<std::uint64_t>(std::count(records.begin(), records.end(), reason));
}

Result<Sample> parse_sample(std::string_view text) {
  const NumberText number = read_number(text);
  const std::string_view rest = text.substr(number.length);
  const Error wrong{Code::usage, "expected a number of images or a share such as 10% after --sample, found '" +
                                     std::string(text) + "'"};
  if (number.length == 0 || number.value <= 0 || (!rest.empty() && rest != "%")) return wrong;
  if (rest == "%") return number.value <= 100 ? Result<Sample>(Sample{0, number.value}) : wrong;
  if (!number.fits_int64) return wrong;
  return Sample{static_cast<std::uint64_t>(number.whole), 0};
}

Result<TransformPlan> plan_transform(const Dataset& d, const TransformRules& rules, const Pool& pool) {
  return Planning(d, rules, pool).plan();
}

std::string transform_document(const Dataset& before, const TransformRules& rules, const TransformPlan& plan,
                               const Counts& after, std::string_view program) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("vetset-transform").value(1).key("program").value(program);
  write_counts(out, "before", counts_of(before));
  write_counts(out, "after", after);
  out.key("rules").begin_object();
  if (!rules.where.empty()) out.key("where").value(rules.where);
  if (!rules.images_where.empty()) out.key("images_where").value(rules.images_where);
  if (rules.drop_empty) out.key("drop_empty").value(true);
  if (rules.sample) {
    out.key("sample").begin_object();
    if (rules.sample->count > 0)
      out.key("images").value(rules.sample->count);
    else
      out.key("percent").value(rules.sample->percent);
    out.key("seed").value(rules.seed).end_object();
  }
  out.end_object();
  out.key("classes").begin_array();
  for (const ClassChange& change : plan.classes) {
    out.begin_object().key("from").begin_array();
    for (const std::string& from : change.from) out.value(from);
    out.end_array().key("to");
    if (change.to.empty())
      out.null();
    else
      out.value(change.to);
    out.key("objects").value(change.objects).end_object();
  }
  out.end_array().key("dropped").begin_object().key("objects");
  write_gone(out, plan, plan.objects, {Gone::by_class, Gone::by_where, Gone::by_image},
             [&](std::size_t i) { return place_name(before, to_index<AnnotationIndex>(i)); });
  out.key("images");
  write_gone(out, plan, plan.images, {Gone::by_images_where, Gone::empty, Gone::not_drawn},
             [&](std::size_t i) { return std::string(before.path(to_index<ImageIndex>(i))); });
  out.end_object().key("emptied").value(plan.emptied).end_object();
  return canonical_written(text);
}

}  // namespace vetset
