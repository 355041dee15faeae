/* plugin.c - a library as it may lie in a folder of HDF5's filters: it says that it was loaded, and
 * is a filter (number 32001) that leaves data as they are. */
#include <H5PLextern.h>
#include <unistd.h>

__attribute__((constructor)) static void say(void)
{
  static const char text[] = "PLUGIN LOADED\n";
  (void)!write(STDERR_FILENO, text, sizeof text - 1);
}

static size_t pass(unsigned flags, size_t nvalues, const unsigned values[], size_t nbytes,
                   size_t *size, void **buffer)
{
  (void)flags, (void)nvalues, (void)values, (void)size, (void)buffer;
  return nbytes;
}

static const H5Z_class2_t filter = {H5Z_CLASS_T_VERS, 32001, 1, 1, "pass", NULL, NULL, pass};

H5PL_type_t H5PLget_plugin_type(void) { return H5PL_TYPE_FILTER; }
const void *H5PLget_plugin_info(void) { return &filter; }
