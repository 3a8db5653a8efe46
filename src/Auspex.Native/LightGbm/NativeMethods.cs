using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Auspex.Native.LightGbm;

/// <summary>LightGBM C API of v4.1.0, mirrored from c_api.h: same names, same order, same widths. All return 0 or -1.</summary>
internal static unsafe partial class NativeMethods
{
    private const string Library = "lib_lightgbm";

    internal const int Float32 = 0;
    internal const int Float64 = 1;
    internal const int PredictRawScore = 1;

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial byte* LGBM_GetLastError();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_GetSampleCount(int num_total_row, string parameters, out int @out);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_SampleIndices(int num_total_row, string parameters, void* @out, out int out_len);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_DatasetCreateFromSampledColumn(double** sample_data, int** sample_indices, int ncol, int* num_per_col,
        int num_sample_row, int num_local_row, long num_dist_row, string parameters, out DatasetHandle @out);

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_DatasetCreateByReference(DatasetHandle reference, long num_total_row, out DatasetHandle @out);

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_DatasetInitStreaming(DatasetHandle dataset, int has_weights, int has_init_scores, int has_queries, int nclasses,
        int nthreads, int omp_max_threads);

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_DatasetPushRows(DatasetHandle dataset, void* data, int data_type, int nrow, int ncol, int start_row);

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_DatasetMarkFinished(DatasetHandle dataset);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_DatasetCreateFromMat(void* data, int data_type, int nrow, int ncol, int is_row_major,
        string parameters, IntPtr reference, out DatasetHandle @out);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_DatasetGetSubset(DatasetHandle handle, int* used_row_indices, int num_used_row_indices, string parameters,
        out DatasetHandle @out);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_DatasetSetFeatureNames(DatasetHandle handle, string[] feature_names, int num_feature_names);

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_DatasetFree(IntPtr handle);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_DatasetSetField(DatasetHandle handle, string field_name, void* field_data, int num_element, int type);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_BoosterCreate(DatasetHandle train_data, string parameters, out BoosterHandle @out);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_BoosterLoadModelFromString(string model_str, out int out_num_iterations, out BoosterHandle @out);

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_BoosterFree(IntPtr handle);

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_BoosterAddValidData(BoosterHandle handle, DatasetHandle valid_data);

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_BoosterGetNumClasses(BoosterHandle handle, out int out_len);

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_BoosterUpdateOneIter(BoosterHandle handle, out int is_finished);

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_BoosterGetCurrentIteration(BoosterHandle handle, out int out_iteration);

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_BoosterGetEvalCounts(BoosterHandle handle, out int out_len);

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_BoosterGetNumFeature(BoosterHandle handle, out int out_len);

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_BoosterGetEval(BoosterHandle handle, int data_idx, out int out_len, double* out_results);

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_BoosterGetNumPredict(BoosterHandle handle, int data_idx, out long out_len);

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_BoosterGetPredict(BoosterHandle handle, int data_idx, out long out_len, double* out_result);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_BoosterPredictForMat(BoosterHandle handle, void* data, int data_type, int nrow, int ncol,
        int is_row_major, int predict_type, int start_iteration, int num_iteration, string parameter, out long out_len, double* out_result);

    [LibraryImport(Library)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int LGBM_BoosterSaveModelToString(BoosterHandle handle, int start_iteration, int num_iteration,
        int feature_importance_type, long buffer_len, out long out_len, byte* out_str);

    /// <summary>Every status passes through here, on the thread of the call: LightGBM keeps the message per thread.</summary>
    /// <exception cref="LightGbmException">The status is not 0.</exception>
    internal static void Check(int status)
    {
        if (status != 0)
        {
            throw new LightGbmException($"LightGBM: {Marshal.PtrToStringUTF8((IntPtr)LGBM_GetLastError())}");
        }
    }
}
