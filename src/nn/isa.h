/* isa.h - one source for several instruction sets. Builds for any machine (MPP_NATIVE=OFF on
 * x86-64) compile the kernels of this folder once for each level of cpu.h, with this header before
 * them and MPP_ISA as v2, v3 or v4: what they define gets that suffix. isa.c has the names without
 * one. */
#ifndef MPP_ISA_H
#define MPP_ISA_H

#define MPP_ISA_JOIN(name, isa) name##_##isa
#define MPP_ISA_NAME(name, isa) MPP_ISA_JOIN(name, isa)

#define mpp_linear_forward         MPP_ISA_NAME(mpp_linear_forward, MPP_ISA)
#define mpp_linear_backward        MPP_ISA_NAME(mpp_linear_backward, MPP_ISA)
#define mpp_linear_backward_times  MPP_ISA_NAME(mpp_linear_backward_times, MPP_ISA)
#define mpp_linear_backward_set    MPP_ISA_NAME(mpp_linear_backward_set, MPP_ISA)
#define mpp_linear_branch_forward  MPP_ISA_NAME(mpp_linear_branch_forward, MPP_ISA)
#define mpp_linear_branch_work     MPP_ISA_NAME(mpp_linear_branch_work, MPP_ISA)
#define mpp_linear_branch_backward MPP_ISA_NAME(mpp_linear_branch_backward, MPP_ISA)
#define mpp_rms_inorm_forward      MPP_ISA_NAME(mpp_rms_inorm_forward, MPP_ISA)
#define mpp_rms_inorm_again        MPP_ISA_NAME(mpp_rms_inorm_again, MPP_ISA)
#define mpp_rms_inorm_backward     MPP_ISA_NAME(mpp_rms_inorm_backward, MPP_ISA)
#define mpp_rms_inorm_backward_set MPP_ISA_NAME(mpp_rms_inorm_backward_set, MPP_ISA)
#define mpp_rms_branch_forward     MPP_ISA_NAME(mpp_rms_branch_forward, MPP_ISA)
#define mpp_rms_branch_again       MPP_ISA_NAME(mpp_rms_branch_again, MPP_ISA)
#define mpp_rms_branch_backward    MPP_ISA_NAME(mpp_rms_branch_backward, MPP_ISA)
#define mpp_inorm_forward          MPP_ISA_NAME(mpp_inorm_forward, MPP_ISA)
#define mpp_inorm_again            MPP_ISA_NAME(mpp_inorm_again, MPP_ISA)
#define mpp_inorm_backward         MPP_ISA_NAME(mpp_inorm_backward, MPP_ISA)
#define mpp_inorm_backward_set     MPP_ISA_NAME(mpp_inorm_backward_set, MPP_ISA)
#define mpp_gelu_forward           MPP_ISA_NAME(mpp_gelu_forward, MPP_ISA)
#define mpp_gelu_forward_slope     MPP_ISA_NAME(mpp_gelu_forward_slope, MPP_ISA)
#define mpp_gelu_backward          MPP_ISA_NAME(mpp_gelu_backward, MPP_ISA)
#define mpp_attention_work         MPP_ISA_NAME(mpp_attention_work, MPP_ISA)
#define mpp_attention_forward      MPP_ISA_NAME(mpp_attention_forward, MPP_ISA)
#define mpp_attention_backward     MPP_ISA_NAME(mpp_attention_backward, MPP_ISA)
#define mpp_unit_shape_of          MPP_ISA_NAME(mpp_unit_shape_of, MPP_ISA)
#define mpp_unit_take              MPP_ISA_NAME(mpp_unit_take, MPP_ISA)
#define mpp_unit_load_norm         MPP_ISA_NAME(mpp_unit_load_norm, MPP_ISA)
#define mpp_unit_spread_bias       MPP_ISA_NAME(mpp_unit_spread_bias, MPP_ISA)
#define mpp_unit_gather_bias       MPP_ISA_NAME(mpp_unit_gather_bias, MPP_ISA)
#define mpp_tiled_forward          MPP_ISA_NAME(mpp_tiled_forward, MPP_ISA)
#define mpp_tiled_backward         MPP_ISA_NAME(mpp_tiled_backward, MPP_ISA)
#define mpp_unit_norm              MPP_ISA_NAME(mpp_unit_norm, MPP_ISA)
#define mpp_unit_norm_backward     MPP_ISA_NAME(mpp_unit_norm_backward, MPP_ISA)
#define mpp_unit_forward           MPP_ISA_NAME(mpp_unit_forward, MPP_ISA)
#define mpp_unit_backward          MPP_ISA_NAME(mpp_unit_backward, MPP_ISA)

#endif
