// Proofs of inclusion: a row leads to the root that was signed, and nothing else does.
#include <doctest/doctest.h>

#include "vetset/formats/format.h"
#include "vetset/package/listed_tree.h"
#include "vetset/package/proof_of_inclusion.h"
#include "vetset/package/seal.h"

using namespace vetset;

namespace {

std::string labels_of(int images) {
  std::string list, boxes;
  for (int i = 1; i <= images; ++i) {
    const std::string id = std::to_string(i);
    list += (i == 1 ? "" : ",") + (R"({"id":)" + id + R"(,"file_name":"i)" + id + R"(.jpg","width":9,"height":9})");
    boxes += (i == 1 ? "" : ",") + (R"({"id":)" + id + R"(,"image_id":)" + id +
                                    R"(,"category_id":1,"bbox":[1,2,3,4],"area":12,"iscrowd":0})");
  }
  return R"({"images":[)" + list + R"(],"annotations":[)" + boxes + R"(],"categories":[{"id":1,"name":"car"}]})";
}

struct Sealed {
  Seal seal;
  Digest package;
  std::vector<InclusionProof> proofs;  // one for each image
};
Sealed sealed(int images) {
  MemoryTree tree{{"instances.json", labels_of(images)}};
  for (int i = 1; i <= images; ++i)
    REQUIRE(tree.write("images/i" + std::to_string(i) + ".jpg", "pixels " + std::to_string(i)));
  const auto reading = find_format("coco")->read(tree, {.probe_images = false});
  REQUIRE(reading);
  auto seal =
      make_seal(tree, reading->dataset, "coco", {.name = "a", .version = "1.0.0", .writer = "test"}, Pool(1), {});
  REQUIRE(seal);
  Sealed s{.seal = *std::move(seal), .package = {}, .proofs = {}};
  s.package = sha256(s.seal.manifest_json);
  const auto media = media_of(reading->dataset, s.seal.manifest.files, tree, Pool(1), {});
  for (int i = 1; i <= images; ++i) {
    auto proof =
        prove_sample(reading->dataset, media, s.seal.manifest, s.package, "i" + std::to_string(i) + ".jpg", Pool(1));
    REQUIRE(proof);
    s.proofs.push_back(*std::move(proof));
  }
  CHECK(prove_sample(reading->dataset, media, s.seal.manifest, s.package, "none.jpg", Pool(1)).error().code ==
        Code::not_found);
  return s;
}

}  // namespace

TEST_CASE("every leaf of a tree of every size leads to its root, and no other place does") {
  for (std::uint64_t size = 1; size <= 40; ++size) {
    MerkleTree tree;
    std::vector<Digest> leaves;
    for (std::uint64_t i = 0; i < size; ++i) {
      tree.add(std::to_string(i));
      leaves.push_back(MerkleTree::leaf(std::to_string(i)));
    }
    for (std::uint64_t i = 0; i < size; ++i) {
      CAPTURE(size);
      CAPTURE(i);
      RowProof proof{"t", std::to_string(i), i, size, inclusion_path(leaves, i)};
      CHECK(root_of(proof) == tree.root());
      CHECK(proof.path.size() <= 6);
      proof.row += "x";
      CHECK(root_of(proof) != tree.root());
      proof.row.pop_back();
      proof.path.push_back(leaves[0]);
      CHECK(root_of(proof) != tree.root());
      proof.path.pop_back();
      if (!proof.path.empty()) {
        proof.path.pop_back();
        CHECK(root_of(proof) != tree.root());
      }
      proof.index = size;
      CHECK(root_of(proof) == Digest{});
    }
  }
}

TEST_CASE("a sample's rows are proved, read back, and hold against the manifest") {
  for (const int images : {1, 2, 7}) {
    const Sealed s = sealed(images);
    for (const InclusionProof& proof : s.proofs) {
      CHECK(proof.rows.size() == 3);  // the sample, its annotation, its image
      const std::string json = to_json(proof);
      const auto again = parse_inclusion_proof(json);
      REQUIRE(again);
      CHECK(to_json(*again) == json);
      CHECK(check_inclusion(*again, s.seal.manifest_json));
    }
  }
}

TEST_CASE("a proof that was changed, or is of another package or sample, does not hold") {
  const Sealed s = sealed(3), other = sealed(4);
  const InclusionProof good = s.proofs[1];
  CHECK(check_inclusion(good, other.seal.manifest_json).error().code == Code::untrusted);
  InclusionProof bad = good;
  bad.rows[1].row.replace(bad.rows[1].row.find("[1,2,3,4]"), 9, "[1,2,3,5]");
  CHECK(check_inclusion(bad, s.seal.manifest_json).error().message.find("does not lead to the root") !=
        std::string::npos);
  bad = good;
  bad.sample = "i1.jpg";
  CHECK(check_inclusion(bad, s.seal.manifest_json).error().message.find("of another sample") != std::string::npos);
  bad = good;
  bad.rows.erase(bad.rows.begin());
  CHECK(check_inclusion(bad, s.seal.manifest_json).error().message.find("no row of the table of samples") !=
        std::string::npos);
  bad = good;
  bad.rows[0].rows += 1;
  CHECK_FALSE(check_inclusion(bad, s.seal.manifest_json));
  bad = good;
  bad.rows[0].table = "splits";
  CHECK_FALSE(check_inclusion(bad, s.seal.manifest_json));
}

TEST_CASE("what is no proof is refused, wherever it is cut off") {
  const Sealed s = sealed(2);
  const std::string json = to_json(s.proofs[0]);
  for (std::size_t size = 0; size < json.size(); ++size) CHECK_FALSE(parse_inclusion_proof(json.substr(0, size)));
  CHECK_FALSE(parse_inclusion_proof("{}"));
  CHECK_FALSE(parse_inclusion_proof(R"({"vetset_inclusion":"1","package_id":"","rows":[]})"));
}
