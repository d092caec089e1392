// How far images are from each other in an embedding, and how many different ones they are worth.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "vetset/dataset/embeddings.h"

namespace vetset {

/// 1 − cosine of one image to each of others, 0 to 2; `out` has a place for each. The same to the bit on every machine.
void cosine_distances(const Embeddings& e, ImageIndex from, std::span<const ImageIndex> to, std::span<float> out);

/// The Vendi score (Friedman and Dieng 2023) of some images: e to the entropy of the eigenvalues of their cosines over
/// their number. 1: all are one; as many as there are: no two have anything in common. 0 where there are none.
double vendi_score(const Embeddings& e, std::span<const ImageIndex> images);

/// The eigenvalues of a symmetric matrix of n rows, row by row; by no order. Householder's form, then QL steps.
std::vector<double> symmetric_eigenvalues(std::vector<double> matrix, std::size_t n);

}  // namespace vetset
