/* cns_presets.c - the published datasets of compressible flow. Frames and end times of the single
 * tests that are not known (Sod1 to Sod7: frames; OTVortex and Turb_M*: both) are our choice. */
#include "cns_init.h"

#define INVISCID "eta=1e-8,zeta=1e-8"
#define SOD(test, horizon)                                                                 \
  {                                                                                        \
    "Sod" #test, INVISCID ",initial=riemann,test=" #test, "open", 1, 1024, 101, horizon, 0 \
  }

const mpp_pde_preset mpp_cns_presets_1d[] = {
    {"1D_CFD_Rand_Eta0.01_Zeta0.01_periodic", "eta=0.01,zeta=0.01", "periodic", 10000, 1024, 101,
     1.0, 2020},
    {"1D_CFD_Rand_Eta0.1_Zeta0.1_periodic", "eta=0.1,zeta=0.1", "periodic", 10000, 1024, 101, 1.0,
     2020},
    {"1D_CFD_Rand_Eta1.e-8_Zeta1.e-8_periodic", INVISCID, "periodic", 10000, 1024, 101, 1.0, 2020},
    {"1D_CFD_Rand_Eta1.e-8_Zeta1.e-8_trans", INVISCID, "open", 10000, 1024, 101, 1.0, 2020},
    {"1D_CFD_Shock_Eta1.e-8_Zeta1.e-8_trans", INVISCID ",initial=shock", "open", 10000, 1024, 81,
     0.4, 2031},
    SOD(1, 0.4),
    SOD(2, 0.15),
    SOD(3, 0.012),
    SOD(4, 0.035),
    SOD(5, 0.012),
    SOD(6, 2.0),
    SOD(7, 2.0),
    {.name = NULL}};

#define RANDOM_2D(mach, viscosity)                                                            \
  {                                                                                           \
    "2D_CFD_Rand_M" mach "_Eta" viscosity "_Zeta" viscosity "_periodic_128",                  \
        "M=" mach ",eta=" viscosity ",zeta=" viscosity, "periodic", 10000, 128, 21, 1.0, 2031 \
  }
#define INVISCID_2D(kind, choice, mach)                                                 \
  {                                                                                     \
    "2D_CFD_" kind "_M" mach "_Eta1e-08_Zeta1e-08_periodic_512",                        \
        "M=" mach "," INVISCID ",initial=" choice, "periodic", 1000, 512, 21, 1.0, 2031 \
  }
#define KELVIN_HELMHOLTZ(label, mach, dk)                                         \
  {                                                                               \
    "KH_M" label "_dk" #dk "_Re1e3",                                              \
        "initial=kelvin-helmholtz,eta=1e-3,zeta=1e-8,cfl=0.5,M=" mach ",dk=" #dk, \
        "x=periodic,y=open", 1, 1024, 51, 5.0, 0                                  \
  }

const mpp_pde_preset mpp_cns_presets_2d[] = {
    RANDOM_2D("0.1", "0.01"),
    RANDOM_2D("0.1", "0.1"),
    RANDOM_2D("1.0", "0.01"),
    RANDOM_2D("1.0", "0.1"),
    INVISCID_2D("Rand", "random", "0.1"),
    INVISCID_2D("Rand", "random", "1.0"),
    INVISCID_2D("Turb", "turbulent", "0.1"),
    INVISCID_2D("Turb", "turbulent", "1.0"),
    {"2D_shock", INVISCID ",initial=shock,cfl=0.5", "open", 1, 1024, 101, 1.0, 0},
    KELVIN_HELMHOLTZ("01", "0.1", 1),
    KELVIN_HELMHOLTZ("01", "0.1", 2),
    KELVIN_HELMHOLTZ("01", "0.1", 5),
    KELVIN_HELMHOLTZ("01", "0.1", 10),
    KELVIN_HELMHOLTZ("02", "0.2", 1),
    KELVIN_HELMHOLTZ("04", "0.4", 1),
    KELVIN_HELMHOLTZ("1", "1", 1),
    {"OTVortex", INVISCID ",initial=orszag-tang,cfl=0.5", "periodic", 1, 1024, 101, 1.0, 0},
    {.name = NULL}};

#define TURBULENT_3D(label, mach)                                                            \
  {                                                                                          \
    "Turb_M" label, INVISCID ",initial=turbulent,M=" mach, "periodic", 4, 256, 21, 0.5, 2031 \
  }

const mpp_pde_preset mpp_cns_presets_3d[] = {
    {"3D_CFD_Rand_M1.0_Eta1e-08_Zeta1e-08_periodic", "M=1.0," INVISCID, "periodic", 100, 128, 21,
     1.0, 2031},
    {"3D_CFD_Turb_M1.0_Eta1e-08_Zeta1e-08_periodic", "M=1.0," INVISCID ",initial=turbulent",
     "periodic", 600, 64, 21, 1.0, 2031},
    {"BlastWave", INVISCID ",initial=blast", "open", 1, 256, 21, 0.5, 0},
    TURBULENT_3D("01", "0.1"),
    TURBULENT_3D("05", "0.5"),
    TURBULENT_3D("1", "1"),
    TURBULENT_3D("2", "2"),
    TURBULENT_3D("4", "4"),
    {.name = NULL}};
