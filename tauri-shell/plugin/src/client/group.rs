//! A program together with every process that it starts, so that all of them can be killed at once.

pub use imp::Group;

#[cfg(unix)]
mod imp {
    use std::io;

    use rustix::process::{Pid, Signal, kill_process_group};
    use tokio::process::{Child, Command};

    /// A process group (POSIX). Dropping it kills its processes.
    pub struct Group(Option<Pid>);

    impl Group {
        /// Make the command start in a group of its own.
        pub fn prepare(command: &mut Command) {
            command.process_group(0);
        }

        /// Return the group of a program that was just started.
        pub fn of(child: &Child) -> io::Result<Self> {
            let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
            id.map(|id| Self(Some(id))).ok_or_else(|| io::Error::other("the program has no process id"))
        }

        /// Kill every process of the group. Only the first call has an effect, because the system may reuse the group's
        /// id.
        pub fn kill(&mut self) {
            if let Some(group) = self.0.take() {
                let _ = kill_process_group(group, Signal::KILL); // fails when no process is left
            }
        }
    }

    impl Drop for Group {
        fn drop(&mut self) {
            self.kill();
        }
    }
}

#[cfg(windows)]
mod imp {
    use std::io;
    use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
    use std::ptr;

    use tokio::process::{Child, Command};
    use windows_sys::Win32::System::JobObjects::{
        AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
        JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation, SetInformationJobObject,
        TerminateJobObject,
    };
    use windows_sys::Win32::System::Threading::CREATE_NO_WINDOW;

    /// A Job Object. Windows kills its processes when its only handle closes, which also happens when this process is
    /// killed.
    pub struct Group(OwnedHandle);

    impl Group {
        /// Make the command start without a console window of its own.
        pub fn prepare(command: &mut Command) {
            command.creation_flags(CREATE_NO_WINDOW);
        }

        /// Return a job with a program that was just started. Processes that the program started before this call would
        /// not be in the job; a program that has just started has none yet.
        pub fn of(child: &Child) -> io::Result<Self> {
            let process = child.raw_handle().ok_or_else(|| io::Error::other("the program has no handle"))?;
            let job = new_job()?;
            kill_on_close(&job)?;
            // SAFETY: both handles are open during the call.
            match unsafe { AssignProcessToJobObject(job.as_raw_handle(), process) } {
                0 => Err(io::Error::last_os_error()),
                _ => Ok(Self(job)),
            }
        }

        /// Kill every process of the job.
        pub fn kill(&mut self) {
            // SAFETY: self keeps the handle open.
            unsafe { TerminateJobObject(self.0.as_raw_handle(), 1) };
        }
    }

    fn new_job() -> io::Result<OwnedHandle> {
        // SAFETY: null for the attributes and the name means the defaults.
        let job = unsafe { CreateJobObjectW(ptr::null(), ptr::null()) };
        if job.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle is new and has no other owner.
        Ok(unsafe { OwnedHandle::from_raw_handle(job) })
    }

    fn kill_on_close(job: &OwnedHandle) -> io::Result<()> {
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
        let size = u32::try_from(size_of_val(&limits)).map_err(io::Error::other)?;
        // SAFETY: pointer and size are of `limits`, whose type belongs to this information class.
        let done = unsafe {
            SetInformationJobObject(
                job.as_raw_handle(),
                JobObjectExtendedLimitInformation,
                ptr::from_ref(&limits).cast(),
                size,
            )
        };
        if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}
