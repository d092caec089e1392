#include "vetset/check/leaks.h"
#include "vetset/check/rule.h"
#include "vetset/check/words.h"
#include "vetset/dataset/compared.h"
#include "vetset/dataset/split_names.h"

namespace vetset {
namespace {

std::string not_compared(const Evidence& evidence) {
  return evidence.compared == nullptr || !evidence.compared->objects ? "needs --objects" : "";
}

std::string of_a_class(const Dataset& d, const ObjectSearch::Class& c) {
  return grouped(c.alike) + " of " + counted(c.objects, "object", "objects") + " of class " +
         quoted(d[c.category].name);
}

void check_object_in_two_splits(const Evidence& evidence, const Report& report) {
  const Dataset& d = evidence.dataset;
  const ObjectSearch& search = *evidence.compared->objects;
  const SplitSets splits(d);
  if (!splits.several()) return;
  for (const SharedObject& pair : search.pairs) {
    const ImageIndex first = d[pair.first].image, second = d[pair.second].image;
    const auto apart = different_splits(splits.of(first), splits.of(second));
    if (!apart) continue;
    report(AnnotationPair{pair.first, pair.second},
           quoted(d[d[pair.first].category].name) + " in " + quoted(apart->first) + " shows the pixels of one of " +
               quoted(d.path(second)) + " in " + quoted(apart->second) + " (" + std::to_string(pair.distance) +
               " of 256 bits differ, correlation " + measure(static_cast<double>(pair.correlation)) + ")",
           "look at both: one object, or two of a kind; a key says so to split --group-by");
  }
  for (const ObjectSearch::Class& c : search.classes)
    if (!c.tells && c.pairs > 0)
      report.with(Severity::note, EvidenceClass::calibrated, c.category,
                  of_a_class(d, c) + " have a twin inside their own split: " +
                      counted(c.pairs, "pair between splits says", "pairs between splits say") +
                      " nothing, and are not listed",
                  "tell such objects apart by a key of the dataset's own");
}

}  // namespace

// What is alike by nature is known by its twins inside one split: of a class with more than one in twenty, pairs
// between splits say nothing.
extern const Rule object_in_two_splits{.code = "LEA313",
                                       .name = "object-in-two-splits",
                                       .title = "one object is in two splits",
                                       .severity = Severity::warning,
                                       .evidence = EvidenceClass::calibrated,
                                       .needs = Needs::pixels | Needs::links,
                                       .check = check_object_in_two_splits,
                                       .not_run = not_compared};

}  // namespace vetset
